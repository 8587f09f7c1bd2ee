"""Outgoing webhooks: a tenant's events, signed, at the addresses it has named and nowhere else."""
