"""Planted holes: each file is one mistake in a worker, and where to look for it."""
