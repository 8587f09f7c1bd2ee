"""The jobs routes."""
