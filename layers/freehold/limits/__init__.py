"""Limits: how many there may be, and how much may be used; the database refuses what would be more."""
