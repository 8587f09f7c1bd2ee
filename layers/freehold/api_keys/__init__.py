"""API keys: a tenant's programs act with them, never with more power than the member who made them."""
