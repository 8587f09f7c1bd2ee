"""What to turn at a stage, what that costs, and what to leave alone: measurements against thresholds."""
