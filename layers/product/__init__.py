"""The product: everything that makes this SaaS yours. The platform under it (`freehold`) never imports it."""
