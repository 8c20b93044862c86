"""What a tenant sells, and how a line of it is priced."""
