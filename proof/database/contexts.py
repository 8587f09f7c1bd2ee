"""The contexts in which a statement is tried, and what each of them may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from proof.database.tenants import Tenant, marked_uuid, new_mark, power


@dataclass(frozen=True, slots=True)
class Context:
    """Settings of a transaction. `own` is the tenant whose rows may be seen in it; None where nobody's may."""

    name: str
    settings: Mapping[str, str]
    own: Tenant | None = None
    fresh: bool = False
    """Whether it takes a connection on which nothing was ever set."""


def contexts(members: Mapping[Tenant, str]) -> tuple[Context, ...]:
    """Nothing set on a fresh connection, nothing set on a used one, each tenant, no uuid, and nobody's uuid.

    `members` are the tenants, each with the id of one of its members, who acts.
    """
    nobody = Tenant("nobody", new_mark())
    everything = {"app.permissions": " ".join(power(tenant.mark) for tenant in members)}
    """So that only row-level security stands between them."""
    return (
        Context("fresh, unset", {}, fresh=True),
        Context("used, unset", {}),
        *(Context(t.name, t.settings | everything | {"app.member_id": member}, t) for t, member in members.items()),
        Context("garbage", dict.fromkeys(nobody.settings, "garbage")),
        Context("unknown", nobody.settings | {"app.tenant_id": marked_uuid(nobody.mark)}),
    )
