"""Single sign-on: connections, domains, and coming in by them."""
