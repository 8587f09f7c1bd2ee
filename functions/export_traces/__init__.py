"""Hands spans and errors from the functions' logs on to whoever shows them."""
