"""The groups of the tenant's directory, and the roles that they confer."""
