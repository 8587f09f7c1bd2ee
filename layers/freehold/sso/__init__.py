"""Single sign-on: the providers that tenants connect, the domains that are theirs, and who comes in that way."""
