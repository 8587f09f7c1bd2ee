"""What had not been paid was paid."""

from freehold.email.models import Template


class PaymentRecovered(Template):
    """Nothing besides."""
