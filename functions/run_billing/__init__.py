"""The workers of the classes billing and payments."""
