"""Tells people what has happened."""
