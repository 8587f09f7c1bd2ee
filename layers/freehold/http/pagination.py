"""Lists come in pages: `limit` things, and `next_cursor` for the page after them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field

LARGEST_PAGE, USUAL_PAGE = 100, 25
BEFORE_ALL = UUID(int=2**128 - 1)
"""Newest first: the first page is what comes before the largest id."""


class Page[Item](BaseModel):
    """A page, newest first."""

    items: list[Item]
    next_cursor: UUID | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


class Paging(BaseModel):
    """Which page is asked for."""

    limit: int
    cursor: UUID


async def _paging(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = USUAL_PAGE,
    cursor: Annotated[UUID | None, Query(description="The previous page's next_cursor")] = None,
) -> Paging:
    return Paging(limit=limit, cursor=cursor or BEFORE_ALL)


WantedPage = Annotated[Paging, Depends(_paging)]


def json_page(page: bytes) -> Response:
    """A page that the database wrote, passed on as it is."""
    return Response(page, media_type="application/json")
