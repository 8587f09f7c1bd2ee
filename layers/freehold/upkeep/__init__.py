"""Upkeep: what goes when its time is over."""
