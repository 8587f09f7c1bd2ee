"""What a thing has to have gone through before a route is of use: a job is canceled, and then it can be retried.

A route that answers 409 about a thing as it was made, or leaves it as it is, is asked again about one that its worker
has done, and then about one on which each of its other actions was used. The first that is of use is the attack's.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus

from proof.http.expected import GOOD
from proof.http.operations import Operation
from proof.http.principals import Tenant
from proof.http.resources import MEMBERS, Resources, Way
from proof.http.rows import changed
from proof.http.running import run_job
from proof.http.values import NoValue
from proof.http.world import World

ANY_VERSION = {"If-Match": "*"}


def find_ways(world: World, resources: Resources, operations: Iterable[Operation]) -> None:
    """For each route that does something with a thing. Where there is no way, the route is told of as it is."""
    for operation in operations:
        if operation.kind == "tenant" and operation.places and not operation.path.endswith("}"):
            with suppress(NoValue):
                _find(world, resources, operation)


def _find(world: World, resources: Resources, operation: Operation) -> None:
    for way in (None, *_ways(world, operation)):
        resources.ways[operation.route] = way
        if _is_of_use(world, resources, operation):
            return
    resources.ways[operation.route] = None


def _is_of_use(world: World, resources: Resources, operation: Operation) -> bool:
    ids = resources.in_path(operation, world.b, fresh=True)
    body = resources.body(operation, world.b, fresh=True)
    path = operation.path.format(**ids)
    before = world.fingerprints()
    status = world.as_owner(world.b, operation.method, path, body=body, headers=ANY_VERSION).answer.status
    if status not in GOOD or operation.reads:
        return status != HTTPStatus.CONFLICT
    return world.b.id in changed(before, world.fingerprints())


def _ways(world: World, operation: Operation) -> Iterator[Way]:
    yield partial(run_job, world)
    if operation.path.startswith(MEMBERS):
        yield from (partial(_change_member, world, change) for change in ("role = 'owner'", "break_glass = true"))
    thing = operation.path.rpartition("}")[0] + "}"
    for other in world.interface.operations:
        is_its_own = other.path.startswith(f"{thing}/") and other.places == operation.places
        if other.method == "POST" and is_its_own and other.body is None and other != operation:
            yield partial(_act, world, other.path.removeprefix(thing))


def _change_member(world: World, change: str, tenant: Tenant, path: str) -> None:
    sql = f"update app.members set role = 'owner', {change} where tenant_id = %(tenant_id)s and id = %(id)s"
    world.rows.execute(tenant.id, sql.replace("role = 'owner', role", "role"), id=path.rpartition("/")[2])


def _act(world: World, action: str, tenant: Tenant, path: str) -> None:
    world.as_owner(tenant, "POST", f"{path}{action}")
