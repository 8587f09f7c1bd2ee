"""The attack on the operators' entrance, which may name any tenant, and on theirs who act as a member.

An operator sees what a visit of this transaction was made for, and only where it has left its line.
"""

from collections.abc import Iterator

from proof.database.sides import NEXT, WRITE, Probe, Script, Side

OPERATORS = "freehold_operator"
SHOW = "select * from app.show_tenant()"
LOOK = "select * from app.members"


def probes(us: Side, them: Side) -> Iterator[Probe]:
    """`us` attacks `them`."""
    yield from _of_visits(us, them)
    yield from _of_acting(us, them)


def _of_visits(us: Side, them: Side) -> Iterator[Probe]:
    mine, come_in = us.visit(), (us.visit(), SHOW)

    def probe(name: str, wrongful: Script, spoil: str = "", *, may_succeed: bool = False) -> Probe:
        return Probe(f"as an operator, {name}", come_in, wrongful, spoil, may_succeed, OPERATORS)

    yield probe("all that a visit shows", come_in, may_succeed=True)
    yield probe("without a reason", (us.visit(reason=""), SHOW))
    yield probe("with half a reason", (us.visit(reason="because"), SHOW))
    yield probe("for what no operator does", (us.visit(permission=WRITE), SHOW))
    yield probe("to act, and then looks", (us.visit(permission="operators:act"), SHOW))
    yield probe("by a name like a member's", (us.visit(operator=f"x/member:{them.member}"), SHOW))
    yield probe("from one tenant into the next", (mine, them.visit()))
    yield probe("from a savepoint of one tenant into the next", (mine, "savepoint s", "release s", them.visit()))
    yield probe("in one tenant, who says that it is the next", (mine, _say("tenant_id", them.tenant.id), SHOW))
    yield probe("without entering", (SHOW,))
    yield probe("who says where they are", (_say("tenant_id", us.tenant.id), _say("visit_id", us.past_visit), SHOW))
    yield probe(
        "who says to be with others", (_say("tenant_id", them.tenant.id), _say("visit_id", them.past_visit), SHOW)
    )
    yield probe("after the unit of work", (mine, *NEXT, SHOW))
    yield probe("at a table", (mine, LOOK))
    yield probe("into a tenant that has moved", come_in, us.set_tenant("epoch = 2"))
    yield probe("by a person's entrance", (us.enter(), SHOW))
    yield probe("by a worker's entrance", (us.work(), SHOW))
    yield probe("as a member of another tenant", (us.visit(permission="operators:act"), us.act_as(them.member)))
    yield probe("as a member, for more than an hour", (us.visit(permission="operators:act"), us.act_as(us.member, 61)))
    yield probe("as a member, within a look", (mine, us.act_as(us.member)))


def _of_acting(us: Side, them: Side) -> Iterator[Probe]:
    come_in = (us.acting(), LOOK)

    def probe(name: str, wrongful: Script, spoil: str = "") -> Probe:
        return Probe(f"acting as a member, {name}", come_in, wrongful, spoil)

    yield probe("into another tenant", (us.acting(tenant=them.tenant.id), LOOK))
    yield probe("from one tenant into the next", (us.acting(), them.acting()))
    yield probe("to write its settings", (us.acting(permission=WRITE), LOOK))
    yield probe("after the unit of work", (us.acting(), *NEXT, LOOK))
    for change in (
        "ended_at = now()",
        "created_at = now() - interval '1 hour', expires_at = now() - interval '1 minute'",
    ):
        yield probe(f"where {change}", come_in, us.set_acting(change))
    for change in ("status = 'suspended'", "status = 'removed'", "status = 'deprovisioned'"):
        yield probe(f"whose member's {change}", come_in, us.set_member(change))
    for change in ("support_access = false", "access = 'suspended'", "epoch = 2"):
        yield probe(f"in a tenant whose {change}", come_in, us.set_tenant(change))


def _say(setting: str, value: str) -> str:
    return f"select set_config('app.{setting}', '{value}', true) is not null"
