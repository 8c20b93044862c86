"""Files of leads from other systems: read in any usual encoding, mapped, checked row by row, brought in with nothing lost."""
