"""Grants: a role on one thing, for a member who does not have it everywhere."""
