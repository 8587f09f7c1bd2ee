"""Inviting people into the tenant."""
