"""Who is asking: access tokens of OIDC providers, verified without asking anyone on the way of a request."""
