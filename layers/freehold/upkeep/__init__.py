"""Upkeep: what nobody can ask for any more is deleted."""
