"""Usage: what was used is recorded once, summed by the hour, and told to Stripe once."""
