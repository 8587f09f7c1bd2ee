"""Whether Stripe has said it: its signature over the bytes as they came.

Stricter than its own SDK, which takes any moment to come, and `+7`, ` 7` and `1_0` for one.
Source: https://docs.stripe.com/webhooks#verify-manually
"""

import hmac
import re
from collections.abc import Sequence

from freehold.errors import SignatureRefused

TOLERANCE = 300
"""Seconds that Stripe's clock and ours may be apart, and a message may travel."""
MOMENT = re.compile(r"[1-9][0-9]{0,11}")
SIGNATURE = re.compile(r"[0-9a-f]{64}")


def verify(header: str, body: bytes, secrets: Sequence[str], *, at: float) -> None:
    """Raise SignatureRefused unless one of the secrets has signed this body about now; `at` is a Unix time."""
    moment, signatures = _read(header)
    if abs(at - int(moment)) > TOLERANCE:
        raise SignatureRefused(f"The signature is more than {TOLERANCE} seconds old, or of a time to come.")
    signed = moment.encode() + b"." + body
    expected = [hmac.digest(secret.encode(), signed, "sha256").hex() for secret in secrets if secret]
    matches = [hmac.compare_digest(one, other) for one in expected for other in signatures]
    if not any(matches):
        raise SignatureRefused("The signature is none of ours: another secret, or another body, was signed.")


def _read(header: str) -> tuple[str, list[str]]:
    """The moment, and the signatures of the one scheme that is safe."""
    parts = [part.partition("=") for part in header.split(",")]
    moments = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1" and SIGNATURE.fullmatch(value)]
    if len(moments) != 1 or not MOMENT.fullmatch(moments[0]):
        raise SignatureRefused("The Stripe-Signature header names no time, or more than one: `t=…,v1=…`.")
    if not signatures:
        raise SignatureRefused("The Stripe-Signature header holds no signature of the scheme v1: `t=…,v1=…`.")
    return moments[0], signatures
