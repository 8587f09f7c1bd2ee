"""The log: one JSON object a line, the keys of the request on each, and nothing carried over to the next one.

An exception is written without the values that it complains about, which are customers' data: pydantic quotes its input
and PostgreSQL the row. Where it happened and what went wrong stay.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from pydantic import ValidationError

BECAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
MEANWHILE = "\nDuring handling of the above exception, another exception occurred:\n\n"


class DiscreetFormatter(LambdaPowertoolsFormatter):
    """Powertools' own, but for exceptions."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 (logging's: what sys.exc_info returns)
        """As Python writes it, with its causes."""
        return "".join(_chain(ei[1], set())).rstrip("\n")

    def _serialize_stacktrace(self, log_record: logging.LogRecord) -> Any:  # noqa: ANN401 (Powertools')
        told = super()._serialize_stacktrace(log_record)
        if told and log_record.exc_info and log_record.exc_info[1]:
            told["value"] = message_of(log_record.exc_info[1])
        return told


def message_of(error: BaseException) -> str:
    """What went wrong, without what it went wrong with."""
    if isinstance(error, ValidationError):
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']} ({each['type']})" for each in wrong)
    state = getattr(error, "sqlstate", None)
    if state is None:
        return str(error)
    primary = getattr(getattr(error, "diag", None), "message_primary", None) or ""
    return f"{state} {primary.partition(': "')[0]}"  # `invalid input syntax for type uuid: "…"`


def _chain(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before and id(before) not in seen:
        yield from _chain(before, seen)
        yield BECAUSE if error.__cause__ else MEANWHILE
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{_name(type(error))}: {message_of(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _chain(each, seen)


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _as_text(value: object) -> str:
    return message_of(value) if isinstance(value, BaseException) else str(value)


logger = Logger(
    service="freehold",
    logger_formatter=DiscreetFormatter(
        json_default=_as_text, utc=True, use_rfc3339=True, location="%(module)s:%(lineno)d"
    ),
)

logging.getLogger("mangum").setLevel(logging.CRITICAL)  # we log what it would, with the request's keys
logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # likewise: lost connections reach us as errors
