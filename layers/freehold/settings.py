"""What the environment says, read once and refused in a sentence when it makes no sense."""

import os
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Json, ValidationError

PREFIX = "FREEHOLD_"


class Issuer(BaseModel):
    """An OIDC provider whose access tokens we accept, and the audience that they must be meant for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    audience: str


class Settings(BaseModel):
    """Each field is the environment variable `FREEHOLD_<NAME>`; docs/reference/settings.md lists them."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    stage: str = "local"
    """Which stage this is: `sandbox`, `launch`, …"""
    database: str = ""
    """How to reach the database: libpq's conninfo without user and password (`host=… dbname=… sslmode=verify-full`)."""
    issuers: Json[tuple[Issuer, ...]] = ()
    """Whose access tokens are accepted, as JSON: `[{"issuer": "https://…", "audience": "…"}]`."""
    key_mode: Literal["live", "test"] = "test"
    """Which API keys this stage makes and accepts: `fh_live_…` or `fh_test_…`."""


@cache
def settings() -> Settings:
    """The settings of this process. Raises SystemExit with a sentence for the first one that is wrong."""
    given = {name.removeprefix(PREFIX).lower(): value for name, value in os.environ.items() if name.startswith(PREFIX)}
    try:
        return Settings.model_validate({name: given[name] for name in Settings.model_fields if name in given})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SystemExit(f"{PREFIX}{str(first['loc'][0]).upper()} is not usable: {first['msg']}.") from None
