"""The attack on limits: to have more than a tenant may, by whatever the role of its requests can send."""

import json
from collections.abc import Iterator

from proof.database.sides import Probe, Script, Side

LIMITS = {"projects": None, "seats": None, "api_calls": "api_calls"}
"""Each with its meter."""
MAKE = "insert into app.projects (name) values ('One more')"
USE = "insert into app.usage_hours (meter, hour, quantity) values ('api_calls', date_trunc('hour', now()), 5)"
OPEN = (
    "update app.decision_versions set hard = '{}', hard_version = version, hard_until = 'infinity',"
    " hard_snapshot = (select version from app.snapshot)"
)


def probes(us: Side, them: Side) -> Iterator[Probe]:
    """`us` may have none, or none more; the neighbour may have as many as it likes."""
    making, full = (us.enter("projects:write"), MAKE), _most(us, 0)
    elsewhere = f"with m as ({MAKE} returning id) select set_config('app.tenant_id', '{them.tenant.id}', true) from m"

    def probe(name: str, *wrongful: str, rightful: Script = making) -> Probe:
        return Probe(f"beyond a limit, {name}", rightful, wrongful, full)

    yield probe("to a project", *making)
    yield probe("to a project, with another tenant claimed behind it", making[0], elsewhere)
    yield probe("to a project, as if none were held to it", making[0], OPEN, MAKE)
    yield probe("to a project, with nothing that counts", making[0], "delete from app.limited_tables", MAKE)
    yield probe("to where there has to be room", making[0], "select app.within('projects')")
    yield probe("to a seat", us.accept(), rightful=(us.accept(),))
    using = (us.enter("usage:write"), USE)
    yield probe("to what is metered", *using, rightful=using)


def _most(us: Side, most: int) -> str:
    """Plans that limit everything, and an agreement with this tenant alone that nothing is left."""
    plan = {"limits": dict.fromkeys(LIMITS)}
    catalog = {
        "fallback": "free",
        "limits": {key: {"soft": False, "meter": meter} for key, meter in LIMITS.items()},
        "plans": {"free": plan},
        "add_ons": {},
        "grandfathered": [],
    }
    return (
        f"with published as (update app.snapshot set catalog = '{json.dumps(catalog)}', version = version + 1)"
        " insert into app.overrides (tenant_id, source, limits, reason, agreed_by) values"
        f" ('{us.tenant.id}', 'operator', '{json.dumps(dict.fromkeys(LIMITS, most))}', 'to try the limits', 'ada')"
    )
