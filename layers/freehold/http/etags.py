"""Versions on the wire: an ETag with each single thing, If-Match with each change of one."""

import re
from typing import Annotated

from fastapi import Depends, Header

from freehold.errors import PreconditionRequired
from freehold.fields import IfMatch

ETAG = r'"(?:0|[1-9][0-9]{0,17})"'
ETAGS = re.compile(rf"\s*{ETAG}\s*(?:,\s*{ETAG}\s*)*")


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


async def _if_match(if_match: Annotated[str | None, Header(description="The ETag that you read")] = None) -> IfMatch:
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() == "*":
        return IfMatch(versions=None)
    given = re.findall(r"\d+", if_match) if ETAGS.fullmatch(if_match) else []
    return IfMatch(versions=frozenset(map(int, given)))


RequiredIfMatch = Annotated[IfMatch, Depends(_if_match)]
