"""Billing: what can be bought, and what a tenant has bought."""
