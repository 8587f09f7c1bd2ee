"""Versions on the wire: an ETag with each single thing, If-Match with each change of one."""

import re
from typing import Annotated

from fastapi import Depends, Header

from freehold.errors import PreconditionRequired
from freehold.fields import IfMatch

ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


async def _if_match(if_match: Annotated[str | None, Header(description="The ETag that you read")] = None) -> IfMatch:
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() == "*":
        return IfMatch(versions=None)
    return IfMatch(versions=frozenset(map(int, ETAG.findall(if_match))))


RequiredIfMatch = Annotated[IfMatch, Depends(_if_match)]
