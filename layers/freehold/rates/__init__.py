"""How often a tenant may ask: a process leases a part of what is left, and lets requests in until that is used up."""
