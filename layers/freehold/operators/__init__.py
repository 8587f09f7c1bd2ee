"""Operators: our own people, who help. What they look at leaves a line that the tenant reads."""
