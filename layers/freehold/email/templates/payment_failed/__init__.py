"""A payment has failed."""

from freehold.email.models import Template
from freehold.fields import Moment


class PaymentFailed(Template):
    """Since when something is not paid."""

    since: Moment
