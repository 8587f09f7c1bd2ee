"""Rows as bytes, in UTF-8: CSV by RFC 4180, or JSON lines.

A spreadsheet takes a cell that begins with = + - or @ for a formula, and runs it: such text gets an apostrophe in
front, which shows that it is text. Numbers stay numbers.
Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from freehold.reports.models import Format, Row

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
CONTENT_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSONL: "application/x-ndjson"}


def heading(row: type[Row], form: Format) -> bytes:
    """What stands before the first row."""
    return _csv([row.model_fields]) if form is Format.CSV else b""


def lines(rows: Sequence[Row], form: Format) -> bytes:
    """The rows, each with its end."""
    if form is Format.JSONL:
        return b"".join(row.model_dump_json().encode() + b"\n" for row in rows)
    return _csv(map(_cell, row.model_dump(mode="json").values()) for row in rows)


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:  # noqa: ANN401 (whatever JSON has)
    match value:
        case bool() | list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case str() if value.startswith(FORMULAS):
            return f"'{value}"
        case _:
            return value
