"""Who belongs to the tenant."""
