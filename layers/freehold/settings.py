"""What the environment says, read once and refused in a sentence when it makes no sense."""

import os
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

PREFIX = "FREEHOLD_"


class Issuer(BaseModel):
    """An OIDC provider whose access tokens we accept, and the audience that they must be meant for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    audience: str


class Sleeper(BaseModel):
    """A database that sleeps while nobody is connected, and how many minutes are between two calls of this function."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster: str
    minutes: int


class Settings(BaseModel):
    """Each field is the environment variable `FREEHOLD_<NAME>`; docs/reference/settings.md lists them."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    stage: str = "local"
    """Which stage this is: `sandbox`, `launch`, …"""
    database: str = ""
    """How to reach the database: libpq's conninfo without user and password (`host=… dbname=… sslmode=verify-full`)."""
    read_database: str = ""
    """Where reports read, in the same words; where it is empty, they read in the same place."""
    bus: str = ""
    """The name of the event bus that events are published to."""
    queues: Json[dict[str, str]] = {}
    """The address of each queue by its purpose, as JSON: `{"standard": "https://…"}`."""
    files: str = ""
    """The bucket that reports are written to."""
    anchors: str = ""
    """The bucket that anchors of the audit trail are written to, where nobody can overwrite or delete them."""
    mail_from: str = ""
    """Whom mails come from: `Freehold <no-reply@example.com>`."""
    public_url: str = ""
    """Where the product's own pages are, for links in mails: `https://app.example.com`."""
    relay_stays: int = 55
    """For how many seconds the relay goes on after it was woken; 0 is one pass, so that a database can sleep."""
    sleeper: Json[Sleeper | None] = None
    """Where the database may be asleep: its cluster, and after how many minutes the clock calls this function again, as
    JSON: `{"cluster": "freehold-sandbox-pool", "minutes": 15}`. What it calls once a day has none, and wakes it."""
    workers_at_once: int = 20
    """How many workers of a queue run at once at most; twice as many jobs of a class are under way."""
    webhook_listeners: Json[frozenset[str]] = frozenset()
    """Which listeners on a laptop's loopback tenants may name, as JSON: `["127.0.0.1:9000"]`. Deployed: none."""
    issuers: Json[tuple[Issuer, ...]] = ()
    """Whose access tokens are accepted, as JSON: `[{"issuer": "https://…", "audience": "…"}]`."""
    key_mode: Literal["live", "test"] = "test"
    """Which API keys this stage makes and accepts: `fh_live_…` or `fh_test_…`."""
    stripe: str = Field(default="", repr=False)
    """What opens Stripe: the name or ARN of a secret in Secrets Manager, or what it holds, as JSON
    (`{"secret_key": "sk_test_…", "webhook_secrets": ["whsec_…"]}`)."""

    metrics: bool = False
    """Whether lines tell CloudWatch what to count: each metric of each function bills by the month."""
    traces: float = Field(default=0, ge=0, le=1)
    """The share of requests whose spans are written down: `0.05`."""
    telemetry: str = Field(default="", repr=False)
    """Where spans and errors go from the log: the name or ARN of a secret in Secrets Manager, or what it holds, as JSON
    (`{"otlp_endpoint": "https://…", "otlp_headers": {"…": "…"}, "sentry_dsn": "https://…"}`)."""


@cache
def settings() -> Settings:
    """The settings of this process. Raises SystemExit with a sentence for the first one that is wrong."""
    given = {name.removeprefix(PREFIX).lower(): value for name, value in os.environ.items() if name.startswith(PREFIX)}
    try:
        return Settings.model_validate({name: given[name] for name in Settings.model_fields if name in given})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SystemExit(f"{PREFIX}{str(first['loc'][0]).upper()} is not usable: {first['msg']}.") from None
