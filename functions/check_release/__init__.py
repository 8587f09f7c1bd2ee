"""Asks a new version of a function whether its database lets it in, before it gets a request."""
