"""Has reported to Stripe what was used, every five minutes."""
