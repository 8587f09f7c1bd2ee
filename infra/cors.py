"""Which browsers' apps may call the API: a person chooses origins for each stage; what they may ask, the API says.

API Gateway answers preflights by this itself, and asks no authorizer for them.
"""

import re
from collections.abc import Mapping, Sequence

from functions.manifest import FUNCTIONS
from infra.errors import SynthesisError
from infra.stage import STAGES

METHODS = tuple(sorted({route.partition(" ")[0] for function in FUNCTIONS for route in function.routes}))

ALLOWED = (
    "authorization",
    "content-type",
    "freehold-tenant",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "tracestate",
    "x-correlation-id",
)
"""Headers that an app may send besides those that every page may."""

EXPOSED = (
    "etag",
    "idempotency-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-correlation-id",
    "x-request-id",
)
"""Headers of our answers that an app may read."""

MAX_AGE_SECONDS = 7200
"""For how long a browser remembers a preflight's answer; Chromium remembers none for longer."""

_HOST = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
_ORIGIN = re.compile(
    rf"https://{_HOST}(:(?!443$)[1-9][0-9]{{0,4}})?|http://(localhost|127\.0\.0\.1)(:(?!80$)[1-9][0-9]{{0,4}})?"
)


def configuration(origins: Sequence[str]) -> dict[str, object]:
    """As CloudFormation writes it. Without credentials: who calls shows a token, and no cookie means anything."""
    return {
        "AllowOrigins": list(origins),
        "AllowMethods": list(METHODS),
        "AllowHeaders": list(ALLOWED),
        "ExposeHeaders": list(EXPOSED),
        "MaxAge": MAX_AGE_SECONDS,
    }


def read_origins(given: object, stage: str) -> tuple[str, ...]:
    """Of this stage: cdk.json names some for each, the CLI's `-c origins=…,…` the one's. Raises SynthesisError."""
    if isinstance(given, str):
        chosen: object = [origin for origin in given.split(",") if origin]
    elif isinstance(given, Mapping):
        if unknown := given.keys() - STAGES.keys():
            raise SynthesisError(f"origins names no stage with {min(unknown)!r}: choose of {', '.join(STAGES)}.")
        chosen = given.get(stage, [])
    else:
        chosen = None
    if not isinstance(chosen, Sequence) or isinstance(chosen, str):
        raise SynthesisError('origins is a list for each stage, as in {"launch": ["https://app.acme.com"]}.')
    return tuple(_origin(origin) for origin in chosen)


def _origin(given: object) -> str:
    if not isinstance(given, str) or not _ORIGIN.fullmatch(given):
        raise SynthesisError(
            f"origins cannot hold {given!r}: write each as a browser sends it, as https://app.acme.com, with a "
            "port only where it is not the usual one and nothing behind it; http is for localhost, and * is for nobody."
        )
    return given
