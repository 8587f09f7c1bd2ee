"""Signing up, and the tenant itself."""
