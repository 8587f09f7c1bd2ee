"""Deletes what is over, once an hour."""
