"""What this stage may do at Stripe: read from the environment, or from Secrets Manager and looked at again.

An AWS client would cost a cold start more than everything else together, so the secret is fetched with the standard
library. Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

import http.client
import json
import math
import os
import time
from collections.abc import Callable
from functools import cache
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from freehold import clock
from freehold.errors import PaymentsNotSetUp, Unavailable
from freehold.observability import calling_aws, logger
from freehold.settings import settings
from freehold.sigv4 import Credentials, NoCredentials, signed_post

KEPT = 300.0
BETWEEN_FETCHES = 60.0
"""Seconds: after the first a rotated secret is picked up by itself, after the second by whoever misses one."""
TIMEOUT = 2.0  # seconds
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PLACEHOLDER = "{}"
"""What the secret holds until somebody has put one there."""

type Fetch = Callable[[str], str]


class StripeKeys(BaseModel):
    """What the secret holds, as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    secret_key: Annotated[str, Field(repr=False, pattern=r"^(sk|rk)_(test|live)_[A-Za-z0-9_]+$")]
    """A restricted key (`rk_…`) or a secret one (`sk_…`)."""
    webhook_secrets: Annotated[
        tuple[Annotated[str, Field(pattern=r"^whsec_[!-~]{8,}$")], ...], Field(repr=False, min_length=1)
    ]
    """What Stripe signs with; more than one while one is being replaced."""
    api: str = ""
    """Something in place of Stripe, on this machine's loopback; empty is Stripe."""
    account: str = ""
    """`acct_…`, where events of other accounts could come along."""

    @property
    def live(self) -> bool:
        """Whether real money moves."""
        return self.secret_key[3:].startswith("live_")

    @model_validator(mode="after")
    def _stays_here(self) -> Self:
        where = urlsplit(self.api)
        if self.api and (where.scheme != "http" or where.hostname not in LOOPBACK):
            raise ValueError("api is not an address on this machine: leave it out to reach Stripe")
        if self.api and self.live:
            raise ValueError("a live key goes to Stripe alone: leave api out")
        return self


class StripeSecret:
    """The keys of one place: JSON itself, or the name or ARN of a secret that holds it."""

    def __init__(self, where: str, *, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._where, self._fetch, self._clock = where, fetch, clock
        self._keys: StripeKeys | None = None
        self._looked_at = -math.inf

    def keys(self, *, younger_than: float = KEPT) -> StripeKeys:
        """Those that are known; the secret is asked again when it was asked longer than so many seconds ago.

        Raises PaymentsNotSetUp, Unavailable, SystemExit with a sentence where it holds nothing usable. What was known
        goes on where a later answer is none of use.
        """
        if self._keys and (self._is_given or self._clock() - self._looked_at < younger_than):
            return self._keys
        self._looked_at = self._clock()
        try:
            self._keys = read(self._where if self._is_given else self._fetch(self._where))
        except (Unavailable, SystemExit) as error:
            if self._keys is None:
                raise
            logger.error("stripe secret not usable", why=str(error))
        return self._keys

    @property
    def _is_given(self) -> bool:
        return self._where.startswith("{")


def stripe_keys(*, younger_than: float = KEPT) -> StripeKeys:
    """Of this process, as `StripeSecret.keys` says."""
    return _secret(settings().stripe).keys(younger_than=younger_than)


@cache
def _secret(where: str) -> StripeSecret:
    return StripeSecret(where, fetch=fetch_secret)


def read(text: str) -> StripeKeys:
    """The keys that a secret holds. Raises PaymentsNotSetUp, SystemExit with a sentence that repeats no secret."""
    if text.strip() in ("", PLACEHOLDER):
        raise PaymentsNotSetUp
    try:
        keys = StripeKeys.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "all of it"
        raise SystemExit(f"The Stripe secret is not usable: {first['msg']} ({where}).") from None
    if keys.live and settings().key_mode == "test":
        raise SystemExit("The Stripe secret holds a live key, and this is a test stage: no real money moves here.")
    return keys


def fetch_secret(name: str) -> str:
    """The text of a secret, by its name or ARN. Raises PaymentsNotSetUp without a name, Unavailable."""
    if not name:
        raise PaymentsNotSetUp
    try:
        return secret_text(name)
    except (OSError, http.client.HTTPException, ValueError, KeyError, NoCredentials) as error:
        logger.error("secret not fetched", secret=name, why=f"{type(error).__name__}: {error}")
        raise Unavailable("What pays cannot be reached right now. Nothing was changed; please try again.") from error


def secret_text(name: str) -> str:
    """What Secrets Manager answers. Raises OSError, http.client.HTTPException, ValueError, KeyError, NoCredentials."""
    with calling_aws("SecretsManager", "GetSecretValue"):
        return _answered(name, Credentials.of_process())


def _answered(name: str, credentials: Credentials) -> str:
    where = urlsplit(os.environ.get("AWS_ENDPOINT_URL") or _endpoint(credentials.region))
    body = json.dumps({"SecretId": name}).encode()
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue"}
    signed = signed_post(where.netloc, headers, body, service="secretsmanager", credentials=credentials, at=clock.now())
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", "/", body, signed)
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ValueError(f"{response.status} {answer.get('__type', '')}")
    return str(answer["SecretString"])


def _endpoint(region: str) -> str:
    china = ".cn" if region.startswith("cn-") else ""
    return f"https://secretsmanager.{region}.amazonaws.com{china}"
