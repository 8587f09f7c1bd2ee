"""Serves the OpenAPI document of all functions."""
