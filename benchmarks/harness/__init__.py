"""What the measurements stand on: data, distance, a pooler, Lambda's runtime, and turns."""
