"""Takes what Stripe tells over HTTP."""
