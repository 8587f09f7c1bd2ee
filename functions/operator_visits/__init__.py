"""What a tenant sees of operators."""
