"""Which function this process is, as the manifest names it, and whether it has answered anybody yet."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from freehold.settings import settings

NOBODY = "local"
"""What is no deployed function: a command, a test."""
_untouched = [True]


def fields_of(context: Any = None) -> Mapping[str, str]:  # noqa: ANN401 (Lambda's; None where there is none)
    """What every line says: `function`, `version`, `stage`. A context tells them apart where they share a process."""
    name: str = getattr(context, "function_name", "")
    version: str = getattr(context, "function_version", "")
    return _fields(name, version, settings().stage) if name else _fields(*_environment(), settings().stage)


@cache
def _environment() -> tuple[str, str]:
    """What Lambda says of the process."""
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", NOBODY), os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")


@cache
def _fields(name: str, version: str, stage: str) -> Mapping[str, str]:
    return {"function": name.removeprefix(f"freehold-{stage}-"), "version": version, "stage": stage}


def is_cold() -> bool:
    """Whether whoever called has waited for the process to start: once at most, never where it was started ahead."""
    was, _untouched[0] = _untouched[0], False
    return was and os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"
