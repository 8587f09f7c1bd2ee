"""Groups: what the directory of a tenant puts its people into, and the roles that they have by it."""
