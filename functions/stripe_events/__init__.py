"""Takes what Stripe tells over EventBridge."""
