"""A subscription has ended."""

from freehold.email.models import Template


class SubscriptionEnded(Template):
    """Nothing besides."""
