"""The attack on the door: every way to come in as somebody else, to stay longer than allowed, or with more power.

A probe is a script that is run twice as the role: first as whoever may run it, which has to succeed, then as whoever
may not. The second is a leak where it succeeds as well, or shows anything foreign. This attack leaves a little in its
database, because some of what it tries begins after a COMMIT: so it comes last.
"""

from collections.abc import Iterator

from proof.database import decisions, entrances, limits, operators, payments, power, works
from proof.database.sides import NEXT, WRITE, Probe, Script, Side
from proof.database.tenants import Tenant
from proof.database.wire import Wire
from proof.database.world import World
from proof.tally import Tally

FAMILY = "door"
LOOK = "select * from app.members"


def attack(world: World) -> Tally:
    """Each side attacks the other."""
    tally = Tally()
    sides = [_side(world, tenant) for tenant in world.tenants]
    with world.wire() as wire:
        for side in sides:
            _arrange(wire, side, [*side.ready(), *payments.ready(side), *decisions.ready(side)])
        for us, them in (sides, reversed(sides)):
            everything = (
                *probes(us, them),
                *power.probes(us),
                *works.probes(world, us, them),
                *operators.probes(us, them),
                *payments.probes(us, them),
                *decisions.probes(us, them),
                *limits.probes(us, them),
                *entrances.probes(us, them),
            )
            for probe in everything:
                _judge(wire, probe, us, them, tally)
    return tally


def probes(us: Side, them: Side) -> Iterator[Probe]:
    """`us` attacks `them`."""
    mine, theirs = us.enter(), them.enter()
    come_in = (mine, LOOK)
    yield Probe("into another tenant", come_in, (us.enter(tenant=them.tenant.id), LOOK))
    yield Probe("into another tenant by another person's subject", come_in, (us.enter(subject=them.subject), LOOK))
    yield Probe("into another tenant by another person's issuer", come_in, (us.enter(issuer=them.issuer), LOOK))
    yield from _by_another_spelling(us, come_in)
    yield Probe("from one tenant into the next", come_in, (mine, theirs))
    yield Probe("from a savepoint of one tenant into the next", come_in, (mine, "savepoint s", "release s", theirs))
    yield Probe("without entering", come_in, (LOOK,))
    yield Probe("after the unit of work", come_in, (mine, *NEXT, LOOK))
    yield Probe("after a unit of work that was rolled back", come_in, (mine, "rollback", "begin", LOOK))
    yield Probe("without a permission", come_in, (us.enter(permission="no:such"), LOOK))
    for change in ("status = 'suspended'", "status = 'removed'", "sessions_ended_at = now() + interval '1 hour'"):
        yield Probe(f"as a member whose {change}", come_in, come_in, us.set_member(change))
    for change in ("access = 'suspended'", "epoch = 2"):
        yield Probe(f"into a tenant whose {change}", come_in, come_in, us.set_tenant(change))
    writing = (us.enter(permission=WRITE),)
    yield Probe("to write as a viewer", writing, writing, us.set_member("role = 'viewer'"))
    yield Probe("to write in a restricted tenant", writing, writing, us.set_tenant("access = 'restricted'"))
    yield from _with_a_key(us, them)
    yield from _without_a_tenant(us, them)


def _by_another_spelling(us: Side, come_in: Script) -> Iterator[Probe]:
    """What an entrance that compares loosely would take for the same person."""
    for who, name in (("subject", us.subject), ("issuer", us.issuer)):
        for way, other in (
            ("in upper case", name.upper()),
            ("cut short", name[:-1]),
            ("with more behind it", f"{name}.x"),
            ("by a wildcard", f"{name[:5]}%"),
        ):
            yield Probe(f"by a {who} {way}", come_in, (us.enter(**{who: other}), LOOK))
    yield Probe("as support", come_in, (us.enter(subject="support|1"), LOOK))


def _with_a_key(us: Side, them: Side) -> Iterator[Probe]:
    come_in = (us.enter_key(), LOOK)
    writing = (us.enter_key(permission=WRITE),)
    yield Probe("with a key into another tenant", come_in, (us.enter_key(tenant=them.tenant.id), LOOK))
    yield Probe("with a key, then into the next tenant", come_in, (us.enter_key(), them.enter_key()))
    yield Probe("with a key, after the unit of work", come_in, (us.enter_key(), *NEXT, LOOK))
    for change in ("revoked_at = now()", "expires_at = now() - interval '1 minute'", "scopes = '{tenant:read}'"):
        yield Probe(f"with a key whose {change}", come_in, come_in, us.set_key(change))
    yield Probe("with a key whose maker left", come_in, come_in, us.set_member("status = 'removed'"))
    yield Probe("with a key beyond what its maker may", writing, writing, us.set_member("role = 'viewer'"))


def _without_a_tenant(us: Side, them: Side) -> Iterator[Probe]:
    asked, kept = (us.tenants_of(),), "app.idempotency (tenant_id, principal, route, key, request_hash, result)"
    answer = f"insert into {kept} values ('{them.tenant.id}', 'member:{us.member}', 'POST /', 'k', '\\x01', '{{}}')"
    yield Probe("where one belongs", asked, asked, may_succeed=True)
    yield Probe("where one belongs, then a look", asked, (*asked, LOOK))
    yield Probe("where one belongs, from within a tenant", asked, (us.enter(), *asked))
    yield Probe("where one belongs, after leaving", asked, asked, us.set_member("status = 'removed'"), may_succeed=True)
    yield Probe("the answer to another's sign-up", (us.sign_up("known"),), (us.sign_up("known"),), may_succeed=True)
    replay = (us.sign_up("known"),)
    for change in ("status = 'removed'", "sessions_ended_at = now() + interval '1 hour'"):
        yield Probe(f"the answer to one's sign-up, as a member whose {change}", replay, replay, us.set_member(change))
    yield Probe("signing up within a tenant", (us.sign_up("fresh"),), (us.enter(), us.sign_up("fresh")))
    yield Probe("after signing up", (us.sign_up("fresh"), LOOK), (us.sign_up("fresh"), *NEXT, LOOK))
    yield Probe("claiming without entering", (us.enter(), us.claim("k")), (us.claim("k"),))
    claiming = (us.enter(), us.claim("k"))
    yield Probe("a key that another tenant has used", claiming, claiming, answer, may_succeed=True)


def _judge(wire: Wire, probe: Probe, us: Side, them: Side, tally: Tally) -> None:
    tally.probed(FAMILY)
    allowed, seen = _run(wire, probe.role, probe.rightful, us)
    if not allowed:
        tally.unarmed.append(f"the door, {probe.name}: refused even to whoever may ({seen})")
        return
    succeeded, shown = _run(wire, probe.role, probe.wrongful, us, probe.spoil)
    if succeeded and not probe.may_succeed:
        tally.leaked(f"{FAMILY}: {probe.name}", f"{us.tenant.name} at {them.tenant.name}", "it was let in")
    if them.tenant.mark in shown:
        tally.leaked(f"{FAMILY}: {probe.name}", f"{us.tenant.name} at {them.tenant.name}", "it saw what is not its own")
    if probe.may_succeed and not succeeded:
        tally.leaked(f"{FAMILY}: {probe.name}", f"{us.tenant.name} at {them.tenant.name}", f"it was told: {shown}")


def _run(wire: Wire, role: str, script: Script, us: Side, spoil: str = "") -> tuple[bool, str]:
    """Whether all of it succeeded, and what was shown; undone, but for what the script commits."""
    try:
        if spoil:
            wire.must("begin")
            _arrange(wire, us, [spoil])
        wire.must(f'set session authorization "{role}"')
        wire.must("select" if spoil else "begin")
        shown = ""
        for statement in script:
            outcome = wire.run(statement)
            shown += outcome.said + outcome.data.decode(errors="replace")
            if not outcome.worked:
                return False, shown
        return True, shown
    finally:
        wire.must("rollback")
        wire.must("reset session authorization")


ALL_POWER = """
    select set_config(
        'app.permissions', current_setting('app.permissions') || ' ' || array_to_string(permissions, ' '), false)
      from app.builtin_roles where name = 'owner'
"""


def _arrange(wire: Wire, side: Side, statements: list[str]) -> None:
    """As the superuser, with what triggers want to know, and nothing of it afterwards."""
    settings = {**side.tenant.settings, "app.member_id": side.member}
    wire.must("select " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items()))
    wire.must(ALL_POWER)
    for statement in statements:
        wire.must(statement)
    wire.must("select " + ", ".join(f"set_config('{name}', '', false)" for name in settings))


def _side(world: World, tenant: Tenant) -> Side:
    member = world.member(tenant)
    return Side(tenant, str(member["id"]), str(member["issuer"]), str(member["subject"]))
