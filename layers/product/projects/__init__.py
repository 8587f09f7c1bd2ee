"""Projects: the sample product, and the pattern for yours."""
