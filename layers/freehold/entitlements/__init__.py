"""Entitlements: what a tenant has by its plan, its add-ons and what was agreed with it."""
