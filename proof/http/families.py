"""The attack over HTTP: which routes, which families of probes, and how far it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from local.errors import LocalError
from proof.http.canaries import attack_warm
from proof.http.counting import attack_count
from proof.http.everybody import directory_of, everybody
from proof.http.fields import attack_body
from proof.http.operations import Operation, unknown_ways_in
from proof.http.paying import attack_paying
from proof.http.principals import Principal
from proof.http.probe import Prober
from proof.http.references import attack_references
from proof.http.resources import Resources
from proof.http.routes import attack_route
from proof.http.rows import Rows
from proof.http.smuggling import attack_smuggling
from proof.http.stage import Stage
from proof.http.values import NoValue
from proof.http.ways import find_ways
from proof.http.world import World
from proof.tally import Tally

type Family = Literal["routes", "bodies", "references", "canaries"]
type AfterStep = Callable[[int, int], None]

FAMILIES: tuple[Family, ...] = ("routes", "bodies", "references", "canaries")
REFERRING = ("owner of B", "write key of B", "owner of both, in B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What is attacked; nothing named means all of it. `calls` are those of the canaries."""

    routes: tuple[str, ...] = ()
    families: tuple[Family, ...] = FAMILIES
    principals: tuple[str, ...] = ()
    calls: int = 1000
    thorough: bool = True
    """Whether everybody tries SCIM and every directory all the rest, and whoever is refused names foreign ids too."""

    def whom(self, operation: Operation, chosen: Sequence[Principal]) -> list[Principal]:
        """Who tries a route."""
        is_scim = operation.kind == "directory"
        few = ("nobody", "owner of B", "write key of B") if is_scim else ("directory of B",)
        return [p for p in chosen if self.thorough or p.is_directory is is_scim or p.name in few]


FULL = Focus()
QUICK = Focus(
    principals=(
        *("nobody", "owner of A", "owner of B, naming A", "owner of both, in B", "read key of B", "directory of B"),
        *("an operator acting as B's owner", "somebody whom B's provider vouches for, naming A"),
    ),
    calls=100,
    thorough=False,
)
"""Each way in once, for the run that comes with every test run. Roles, states and ended ways are the whole attack's."""


def attack(stage: Stage, focus: Focus = FULL, after_step: AfterStep = lambda _done, _of: None) -> Tally:
    """Everything that was found. `after_step` hears how many steps of how many are done."""
    tally = Tally()
    stage.cold_start()
    with Rows(stage.superuser) as rows:
        try:
            _Attack(World(stage, rows), focus, tally, after_step).run()
        except LocalError as nobody_there:
            tally.unarmed.append(str(nobody_there))
    tally.unarmed.extend(unknown_ways_in())
    return tally


class _Attack:
    def __init__(self, world: World, focus: Focus, tally: Tally, after_step: AfterStep) -> None:
        self._world, self._focus, self._tally, self._after_step = world, focus, tally, after_step
        self._resources = Resources(world)
        self._operations = tuple(o for o in _visitors_last(world) if not focus.routes or o.route in focus.routes)
        self._done = 0

    def run(self) -> None:
        """One family after the other."""
        everyone = everybody(self._world)
        self._resources.furnish((self._world.a, self._world.b))
        find_ways(self._world, self._resources, self._operations)
        if "routes" in self._focus.families:
            chosen = [_named(everyone, name) for name in self._focus.principals] or everyone
            self._each("routes", lambda prober, operation: self._try_route(prober, operation, chosen))
        if "bodies" in self._focus.families:
            both = _named(everyone, "owner of both, in B")
            self._each(
                "bodies", lambda prober, operation: attack_body(prober, operation, *self._those(operation, both))
            )
        if "references" in self._focus.families:
            referring = tuple(_named(everyone, name) for name in REFERRING)
            self._each(
                "references",
                lambda prober, operation: _attack_all(prober, operation, self._those(operation, *referring)),
            )
        if "canaries" in self._focus.families:
            prober = Prober(self._world, self._resources, self._tally, "canaries")
            for _ in attack_warm(prober, self._operations, self._focus.calls):
                self._step()

    def _each(self, family: Family, attack_one: Callable[[Prober, Operation], None]) -> None:
        for operation in self._operations:
            attack_one(Prober(self._world, self._resources, self._tally, family), operation)
            self._step()

    def _try_route(self, prober: Prober, operation: Operation, chosen: Sequence[Principal]) -> None:
        attack_route(prober, operation, self._focus.whom(operation, chosen), thorough=self._focus.thorough)

    def _those(self, operation: Operation, *people: Principal) -> tuple[Principal, ...]:
        """Who may do what this operation does: the people, or B's directory alone."""
        return (directory_of(self._world, self._world.b),) if operation.kind == "directory" else people

    def _step(self) -> None:
        self._done += 1
        calls = self._focus.calls if "canaries" in self._focus.families else 0
        routes = len(self._operations) * len(set(self._focus.families) - {"canaries"})
        self._after_step(self._done, routes + calls)


def _attack_all(prober: Prober, operation: Operation, attackers: tuple[Principal, ...]) -> None:
    """Whatever a request can name besides its path, and what can be counted of what it cannot name."""
    attack_references(prober, operation, attackers)
    try:
        attack_smuggling(prober, operation, attackers[-1])
        attack_count(prober, operation)
        attack_paying(prober, operation)
    except NoValue as missing:
        prober.tally.unarmed.append(f"{operation.route}, what it is not asked: {missing}")


def _visitors_last(world: World) -> list[Operation]:
    """Signing up makes a person's tenants several, and what is meant when none is named another."""
    return sorted(world.interface.operations, key=lambda operation: operation.kind == "visitor")


def _named(everyone: Sequence[Principal], name: str) -> Principal:
    found = [principal for principal in everyone if principal.name == name]
    if not found:
        raise LocalError(f"Nobody is called {name!r} any more: correct the focus of the attack.")
    return found[0]
