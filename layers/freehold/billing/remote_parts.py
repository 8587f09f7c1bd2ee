"""How an object of Stripe's is read: parsed once, refused where a field is missing that we need.

A field that another version of the API has moved elsewhere is missing here, so it is never taken for empty.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _id(value: object) -> object:
    """Of what may be expanded."""
    return value.get("id") if isinstance(value, Mapping) else value


def _listed(value: object) -> object:
    """Of a list as the API wraps it."""
    return value["data"] if isinstance(value, Mapping) else value or ()


def expanded(value: object) -> object:
    """Nothing where only the id is there."""
    return value if isinstance(value, Mapping) else None


def expanded_ones(value: object) -> object:
    """Those of a list that are there whole."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else ()


type Ref = Annotated[str, BeforeValidator(_id)]
type Listed[T] = Annotated[tuple[T, ...], BeforeValidator(_listed)]
type Metadata = Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]


class Part(BaseModel):
    """Something of Stripe's. Moments come as seconds since 1970."""

    model_config = ConfigDict(frozen=True, extra="ignore")
