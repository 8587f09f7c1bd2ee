"""A tenant can read, and change nothing, until it has paid."""

from freehold.email.models import Template


class AccessRestricted(Template):
    """Nothing besides."""
