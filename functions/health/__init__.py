"""Says whether this stage can answer."""
