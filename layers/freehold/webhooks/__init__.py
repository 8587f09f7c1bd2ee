"""Webhooks: events that a tenant has sent to endpoints of its own."""
