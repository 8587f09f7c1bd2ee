"""Roles, and the permissions that they are made of."""
