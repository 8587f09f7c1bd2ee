"""What is sold, what the tenant has of it, its invoices, and what it changes about that."""
