"""E-mail: what a tenant's people are told, in their language."""
