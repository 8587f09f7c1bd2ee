"""Says who is calling: verifies access tokens and the shape of API keys."""
