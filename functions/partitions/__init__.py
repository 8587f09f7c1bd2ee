"""Makes the parts of partitioned tables ahead of time and drops those that are over, once a day."""
