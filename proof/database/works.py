"""The attack on the entrances of workers and reports, which may name any tenant: one at a time, and no more than that.

A worker that acts on somebody's behalf holds what that one holds at this moment, and nothing once they are gone.
"""

from collections.abc import Callable, Iterator
from uuid import uuid4

from proof.database.sides import NEXT, READ, WRITE, Probe, Script, Side
from proof.database.world import World

VISITS = "app.operator_visits"
ENTRANCES = {
    "app.enter_worker": "",
    "app.enter_report": "",
    "app.enter_operator": VISITS,
    "app.find_tenants": VISITS,
}
"""A message or an operator names the tenant, and these believe it: so they may tell one that exists from one that does
not. Each with the table in which it leaves a line there of who came."""
WORKS, REPORTS = "freehold_worker", "freehold_report"

type Enter = Callable[..., str]


def probes(world: World, us: Side, them: Side) -> Iterator[Probe]:
    """`us` attacks `them`."""
    yield from _of_entering(world, WORKS, us, them, (us.work, them.work))
    yield from _of_entering(world, REPORTS, us, them, (us.report, them.report))
    yield from _on_behalf(us, them)
    yield from _of_events(us, them)


def _of_entering(world: World, role: str, us: Side, them: Side, ways: tuple[Enter, Enter]) -> Iterator[Probe]:
    enter, other = ways
    looks = tuple(f"select * from {name}" for name in world.readable_by(role))
    mine, come_in = enter(), (enter(), *looks)

    def probe(name: str, wrongful: Script, spoil: str = "", *, may_succeed: bool = False) -> Probe:
        return Probe(f"as {role}, {name}", come_in, wrongful, spoil, may_succeed, role)

    yield probe("all that it sees", come_in, may_succeed=True)
    yield probe("from one tenant into the next", (mine, other()))
    yield probe("from a savepoint of one tenant into the next", (mine, "savepoint s", "release s", other()))
    yield probe(
        "from a tenant that was taken back into the next", ("savepoint s", mine, "rollback to s", mine, other())
    )
    yield probe("by a name that no worker has", (enter("nobody"),))
    yield probe("by a worker's name in upper case", (enter("PROOF"),))
    yield probe("by no name", (enter(""),))
    yield probe("into a tenant that is gone", (enter(tenant=str(uuid4())),))
    yield probe("into nobody's tenant", (enter(tenant="00000000-0000-0000-0000-000000000000"),))
    yield probe("into a tenant that has moved", (mine,), us.set_tenant("epoch = 2"))
    if looks:
        yield probe("without entering", looks)
        yield probe("after the unit of work", (mine, *NEXT, *looks))
        yield probe("after a unit of work that was rolled back", (mine, "rollback", "begin", *looks))
    yield probe("by a person's entrance", (us.enter(),))
    yield probe("by a key's entrance", (us.enter_key(),))
    yield probe("by the other kind's entrance", (them.report() if role == WORKS else them.work(),))


def _on_behalf(us: Side, them: Side) -> Iterator[Probe]:
    member, key = f"member:{us.member}", f"api_key:{us.key}"

    def probe(name: str, of: str, wrongful: str, spoil: str = "", permission: str = READ) -> Probe:
        rightful = (us.work(behalf=of, permission=permission),)
        return Probe(f"on behalf of {name}", rightful, (wrongful,), spoil, role=WORKS)

    def acting(of: str, permission: str = READ) -> str:
        return us.work(behalf=of, permission=permission)

    yield probe("a member of another tenant", member, acting(f"member:{them.member}"))
    yield probe("a key of another tenant", key, acting(f"api_key:{them.key}"))
    yield probe("a member there, into another tenant", member, them.work(behalf=member, permission=READ))
    yield probe("a key, taken for a member", member, acting(f"member:{us.key}"))
    yield probe("a member, taken for a key", key, acting(f"api_key:{us.member}"))
    for spelt in (
        "member:",
        "member:%",
        us.member,
        member.upper(),
        f"{member} ",
        f"support:{us.member}",
        f"worker:{us.member}",
    ):
        yield probe(f"whoever is spelt {spelt.replace(us.member, '<id>')!r}", member, acting(spelt))
    for change in ("status = 'removed'", "status = 'suspended'", "status = 'deprovisioned'"):
        yield probe(f"a member whose {change}", member, acting(member), us.set_member(change))
        yield probe(f"a key whose maker's {change}", key, acting(key), us.set_member(change))
    for change in ("revoked_at = now()", "expires_at = now() - interval '1 minute'", "scopes = '{tenant:read}'"):
        yield probe(f"a key whose {change}", key, acting(key), us.set_key(change))
    for of in (member, key):
        yield probe(f"a viewer who writes, by {of[:6]}", of, acting(of, WRITE), us.set_member("role = 'viewer'"), WRITE)
        yield probe(f"somebody with no permission named, by {of[:6]}", of, us.work(behalf=of))
        yield probe(f"somebody for an unknown permission, by {of[:6]}", of, acting(of, "no:such"))
        yield probe(
            f"somebody in a suspended tenant, by {of[:6]}", of, acting(of), us.set_tenant("access = 'suspended'")
        )


def _of_events(us: Side, them: Side) -> Iterator[Probe]:
    """That another tenant's worker has had an event of the same id is neither seen nor felt."""
    event = f"01900000-0000-7000-a000-{them.tenant.mark}"
    take = (us.work(), f"select app.receive('proof', '{event}')")
    had = f"insert into app.inbox (tenant_id, consumer, event_id) values ('{them.tenant.id}', 'proof', '{event}')"
    yield Probe("an event that another tenant has had", take, take, had, may_succeed=True, role=WORKS)
    yield Probe("an event a second time", take, (*take, take[1]), role=WORKS)
    yield Probe("an event of no tenant", take, take[1:], role=WORKS)
