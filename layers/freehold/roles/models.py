"""Roles as clients see them."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from freehold.permissions import Role


def _known(role: str) -> str:
    if role not in set(Role):
        UUID(role)
    return role


type RoleRef = Annotated[
    str,
    AfterValidator(_known),
    Field(max_length=36, examples=["member"], description="A role that every tenant has, or the id of one of your own"),
]


def role_columns(role: RoleRef) -> dict[str, str | UUID | None]:
    """The parameters `role` and `custom_role`, of which one is None, as every table that confers a role has them."""
    return {"role": role, "custom_role": None} if role in set(Role) else {"role": None, "custom_role": UUID(role)}
