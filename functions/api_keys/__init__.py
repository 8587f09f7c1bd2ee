"""The tenant's API keys."""
