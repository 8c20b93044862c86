"""Who we sell to, the people there, and keeping each customer in the books once."""
