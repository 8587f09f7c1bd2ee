"""What needs Stripe at once: its pages to pay on, and what a change costs."""
