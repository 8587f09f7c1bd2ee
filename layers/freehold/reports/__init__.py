"""Reports: what a tenant takes away as a file."""
