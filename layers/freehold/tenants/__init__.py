"""Tenants: the companies that sign up. Each one's data is its own."""
