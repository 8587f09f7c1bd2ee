"""A trial is about to end."""

from freehold.email.models import Template
from freehold.fields import Moment


class TrialEnding(Template):
    """When it does."""

    ends_at: Moment
