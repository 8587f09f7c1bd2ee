"""Invitations: how people get into a tenant. What is mailed is used once, and only its hash is kept."""
