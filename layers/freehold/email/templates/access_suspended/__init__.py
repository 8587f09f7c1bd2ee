"""A tenant is shut until it has paid."""

from freehold.email.models import Template


class AccessSuspended(Template):
    """Nothing besides."""
