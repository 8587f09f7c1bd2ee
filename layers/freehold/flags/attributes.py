"""What a flag's conditions can ask for by itself, whatever a caller's context says."""

from typing import Literal

from freehold.entitlements.facts import Facts, Who

type Kind = Literal["text", "texts", "moment"]

PLAN = "plan"
BUILT_IN: dict[str, Kind] = {
    "tenant": "text",
    "tenant_created_at": "moment",
    PLAN: "text",
    "add_ons": "texts",
    "status": "text",
    "access": "text",
    "interval": "text",
    "role": "text",
    "member": "text",
    "principal": "text",
}


def built_in(facts: Facts, who: Who, *, plan: str | None = None) -> dict[str, object]:
    """All of them, by name; those that nothing is known of are there as None, so that nobody else's stand in for them.

    `plan` is the one that counts for the tenant now, which takes longer to find out than all the others together: None
    where no flag asks. `principal` is only its kind.
    """
    return {
        "tenant": facts.tenant_id,
        "tenant_created_at": facts.created_at,
        PLAN: plan,
        "add_ons": facts.add_ons,
        "status": facts.status,
        "access": facts.access,
        "interval": facts.interval,
        "role": who.role,
        "member": who.member_id,
        "principal": who.kind,
    }
