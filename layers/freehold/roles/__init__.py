"""Roles: what members may do, the same for every tenant or a tenant's own."""
