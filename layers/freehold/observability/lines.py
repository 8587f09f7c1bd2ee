"""The log: one JSON object a line, on each what is being worked on, and nothing carried over to the next one."""

import logging
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from freehold.observability.discretion import message_of, told
from freehold.observability.observation import current
from freehold.observability.process import fields_of


class DiscreetFormatter(LambdaPowertoolsFormatter):
    """Powertools' own, but for exceptions, and with what every line says."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 (logging's: what sys.exc_info returns)
        """As Python writes it, with its causes."""
        return told(ei[1])

    def serialize(self, log: Any) -> str:  # noqa: ANN401 (a mapping, whatever Powertools declares)
        """What the line says itself goes before what is being worked on says, and that before the process."""
        log.pop("exception_notes", None)  # whoever adds one quotes what they have worked on
        seen = current()
        for name, value in (seen.fields if seen else fields_of()).items():
            log.setdefault(name, value)
        return super().serialize(log)

    def _serialize_stacktrace(self, log_record: logging.LogRecord) -> Any:  # noqa: ANN401 (Powertools')
        trace = super()._serialize_stacktrace(log_record)
        if trace and log_record.exc_info and log_record.exc_info[1]:
            trace["value"] = message_of(log_record.exc_info[1])
        return trace


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
