"""The attack on what operators change of what is decided: flags for everybody, and the rest for one tenant alone.

A flag's change leaves a line of who and why, or does not happen. What concerns a tenant takes a visit for just that.
"""

from collections.abc import Iterator

from proof.database.operators import OPERATORS
from proof.database.sides import READ, Probe, Script, Side

FLAG = "proof"
SHOW = "select app.show_decisions(null)"
AGREE = "select app.override_plan('scale', '{}', '{}', '{}', null)"
COUNT = f"select * from app.flag_exposures('{FLAG}')"
UNTOLD = (
    f"select 1 / (not exists (select from app.flag_history('{FLAG}') h"
    " where h ->> 'reason' = 'to try it out'))::integer"
)
"""An error where somebody has written down who changed it, and why."""


def ready(us: Side) -> Iterator[str]:
    """A flag, and of the tenant: something that was agreed, that it is shown the flag, and somebody who has seen it."""
    tenant, definition = us.tenant.id, _definition()
    yield f"insert into app.flags (key, definition) values ('{FLAG}', '{definition}') on conflict do nothing"
    yield (
        "insert into app.overrides (tenant_id, id, source, plan, reason, agreed_by) values"
        f" ('{tenant}', '{us.key}', 'operator', 'scale', 'to try the door', 'ada')"
    )
    yield (
        "insert into app.flag_targets (tenant_id, id, flag, variant, reason, targeted_by) values"
        f" ('{tenant}', '{us.key}', '{FLAG}', 'on', 'to try the door', 'ada')"
    )
    seen = f"('{tenant}', '{FLAG}', '{us.tenant.mark}', 'on')"
    yield f"insert into app.exposures (tenant_id, flag, unit, variant) values {seen}"


def probes(us: Side, them: Side) -> Iterator[Probe]:
    """`us` attacks `them`."""
    yield from _of_flags(us)
    yield from _of_visits(us, them)


def _of_flags(us: Side) -> Iterator[Probe]:
    change = _change()

    def probe(name: str, *wrongful: str, may_succeed: bool = False, rightful: Script = (change,)) -> Probe:
        return Probe(f"as an operator who {name}", rightful, wrongful, may_succeed=may_succeed, role=OPERATORS)

    yield probe("changes a flag, and nobody writes it down", change, UNTOLD)
    yield probe("changes a flag, without a reason", _change(reason=""))
    yield probe("changes a flag, with half a reason", _change(reason="because"))
    yield probe("changes a flag, by a name like a member's", _change(operator=f"x/member:{us.member}"))
    yield probe("changes a flag, in a rule that names a tenant", _change(_definition(us.tenant.id)))
    yield probe("changes a flag, as it was before somebody else did", _change(behind=1))
    yield probe("counts who was shown what", COUNT, may_succeed=True, rightful=(COUNT,))
    yield probe("counts who was shown what, within a tenant", us.visit(READ), COUNT, rightful=(COUNT,))


def _of_visits(us: Side, them: Side) -> Iterator[Probe]:
    to_change, to_look, elsewhere = us.visit("decisions:change"), us.visit("decisions:read"), us.visit(READ)
    there = f"select set_config('app.tenant_id', '{them.tenant.id}', true) is not null"

    def probe(name: str, rightful: Script, *wrongful: str) -> Probe:
        return Probe(f"as an operator who {name}", rightful, wrongful, role=OPERATORS)

    for errand in (
        _target(),
        _target(us.member),
        f"select 1 / app.end_target('{FLAG}', null)::integer",
        AGREE,
        _end(us),
    ):
        what = errand.partition("app.")[2].partition("(")[0]
        rightful = (to_change, errand)
        yield probe(f"asks for {what}, within a look", rightful, to_look, errand)
        yield probe(f"asks for {what}, who was never there", rightful, errand)
        yield probe(f"asks for {what}, and says to be elsewhere", rightful, to_change, there, errand)
    yield probe(
        "shows a flag to another tenant's member", (to_change, _target(us.member)), to_change, _target(them.member)
    )
    yield probe("ends what another tenant was promised", (to_change, _end(us)), to_change, _end(them))
    yield probe("looks at what decides, within another look", (to_look, SHOW), elsewhere, SHOW)
    yield probe("looks at what decides, to change it", (to_look, SHOW), to_change, SHOW)
    yield probe("looks at what decides, and says to be elsewhere", (to_look, SHOW), to_look, there, SHOW)
    for other in (_show(them), SHOW.replace("null", f"'{them.key}'")):
        yield probe("looks at what decides for another tenant's member", (to_look, _show(us)), to_look, other)


def _definition(names: str = "scale") -> str:
    rule = f'{{"id": "one", "when": [{{"attribute": "plan", "op": "in", "values": ["{names}"]}}], "serve": "on"}}'
    served = '"variants": {"on": true, "off": false}, "state": "on", "off": "off", "otherwise": "off"'
    return f'{{"key": "{FLAG}", {served}, "rules": [{rule}]}}'


def _change(definition: str = "", *, operator: str = "ada", reason: str = "to try it out", behind: int = 0) -> str:
    version = f"(select (f ->> 'version')::integer - {behind} from app.show_flags('{FLAG}') f)"
    becomes = definition or _definition("pro")
    return f"select app.change_flag('{operator}', '{reason}', '{FLAG}', '{becomes}', {version}, 'request')"


def _target(member: str = "") -> str:
    return f"select app.target_flag('{FLAG}', {f"'{member}'" if member else 'null'}, 'off', null)"


def _show(side: Side) -> str:
    return f"select app.show_decisions('{side.member}')"


def _end(side: Side) -> str:
    """An error where there is nothing to end."""
    return f"select 1 / app.end_override('{side.key}')::integer"
