"""Compares what Stripe holds with our copy, once a day."""
