"""Nine kinds of tampering, each at twenty places of a chain: all found, and the first bad entry is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from local.audit_chain import Finding
from local.companies import Company, People
from tests.audit.conftest import Attacker, Drawer, seal

PLACES = range(5, 25)
LONG = 30


@dataclass(frozen=True)
class Scene:
    """Two companies whose chains were sealed and anchored a few entries at a time."""

    acme: Company
    globex: Company
    drawer: Drawer


@pytest.fixture(scope="module")
def scene(stage: None, issuer, superuser: str) -> Scene:
    people, drawer = People(issuer, superuser), Drawer()
    acme, globex = people.company("Acme"), people.company("Globex")
    for number in range(LONG):
        acme.project(f"Project {number}")
        globex.project(f"Project {number}")
        if number % 3 == 0:
            seal(drawer)
    seal(drawer)
    return Scene(acme, globex, drawer)


@pytest.fixture(scope="module")
def vandal(superuser: str, scene: Scene) -> Iterator[Attacker]:
    """One connection for all cases; each is undone by its end."""
    with psycopg.connect(superuser, row_factory=dict_row) as connection:
        yield Attacker(connection)
        connection.rollback()


@pytest.fixture(autouse=True)
def undone(vandal: Attacker) -> Iterator[None]:
    yield
    vandal.connection.rollback()


def entry_at(attacker: Attacker, tenant: UUID, seq: int) -> UUID:
    [row] = attacker.do(
        "select audit_id from app.audit_seals where tenant_id = %(tenant)s and seq = %(seq)s", tenant=tenant, seq=seq
    )
    return row["audit_id"]


def seal_again(attacker: Attacker, tenant: UUID, *, first: int) -> None:
    """Compute the chain anew from `first` on, with what sealing itself uses."""
    attacker.enter(tenant)
    attacker.do(
        "insert into app.audit_unsealed (audit_id) select e.id from app.audit e where e.tenant_id = %(tenant)s"
        " and not exists (select from app.audit_seals s where s.tenant_id = e.tenant_id and s.audit_id = e.id"
        " and s.seq < %(first)s)",
        tenant=tenant, first=first,
    )  # fmt: skip
    attacker.do(
        "delete from app.audit_seals where tenant_id = %(tenant)s and seq >= %(first)s", tenant=tenant, first=first
    )
    attacker.do(
        "update app.audit_heads set seq = %(last)s, hash = coalesce((select hash from app.audit_seals"
        " where tenant_id = %(tenant)s and seq = %(last)s), decode(repeat('00', 32), 'hex'))"
        " where tenant_id = %(tenant)s",
        tenant=tenant, last=first - 1,
    )  # fmt: skip
    attacker.do("select app.seal_audit(100000)")


def edit(attacker: Attacker, tenant: UUID, place: int) -> None:
    attacker.do(
        "update app.audit set change = jsonb_set(change, '{name,1}', '\"Forged\"')"
        " where tenant_id = %(tenant)s and id = %(id)s",
        tenant=tenant, id=entry_at(attacker, tenant, place),
    )  # fmt: skip


def edit_who(attacker: Attacker, scene: Scene, place: int) -> None:
    tenant = scene.acme.id
    attacker.do(
        "update app.audit set principal = 'member:somebody-else' where tenant_id = %(tenant)s and id = %(id)s",
        tenant=tenant, id=entry_at(attacker, tenant, place),
    )  # fmt: skip


def an_edit(attacker: Attacker, scene: Scene, place: int) -> None:
    edit_who(attacker, scene, place) if place % 2 else edit(attacker, scene.acme.id, place)


def a_rehash(attacker: Attacker, scene: Scene, place: int) -> None:
    edit(attacker, scene.acme.id, place)
    seal_again(attacker, scene.acme.id, first=place)


def a_deletion_in_the_middle(attacker: Attacker, scene: Scene, place: int) -> None:
    tenant, entry = scene.acme.id, entry_at(attacker, scene.acme.id, place)
    attacker.do("delete from app.audit where tenant_id = %(tenant)s and id = %(id)s", tenant=tenant, id=entry)
    if place % 2:
        attacker.do(
            "delete from app.audit_seals where tenant_id = %(tenant)s and audit_id = %(id)s", tenant=tenant, id=entry
        )
    if place % 3 == 0:
        seal_again(attacker, tenant, first=place)


def a_deletion_at_the_end(attacker: Attacker, scene: Scene, place: int) -> None:
    """Of everything from that place on, and the head says so."""
    tenant = scene.acme.id
    attacker.do(
        "delete from app.audit e using app.audit_seals s where s.tenant_id = %(tenant)s and s.seq >= %(place)s"
        " and e.tenant_id = s.tenant_id and e.id = s.audit_id",
        tenant=tenant, place=place,
    )  # fmt: skip
    seal_again(attacker, tenant, first=place)


def a_deletion_of_everything(attacker: Attacker, scene: Scene, _place: int) -> None:
    for table in ("audit", "audit_seals", "audit_heads", "audit_unsealed", "audit_checkpoints"):
        attacker.do(f"delete from app.{table} where tenant_id = %(tenant)s", tenant=scene.acme.id)


def an_insertion(attacker: Attacker, scene: Scene, place: int) -> None:
    """Right behind that place: next to the chain, or into one that is computed anew."""
    tenant = scene.acme.id
    attacker.do(
        "insert into app.audit (tenant_id, id, occurred_at, principal, request_id, address, action, row_id, change)"
        " select tenant_id, %(id)s, occurred_at, principal, request_id, address, action, row_id, change from app.audit"
        " where tenant_id = %(tenant)s and id = %(before)s",
        tenant=tenant, id=forged_at(attacker, tenant, place), before=entry_at(attacker, tenant, place),
    )  # fmt: skip
    if place % 2:
        seal_again(attacker, tenant, first=place)


def forged_at(attacker: Attacker, tenant: UUID, place: int) -> UUID:
    return UUID(int=entry_at(attacker, tenant, place).int - 1)


def a_swap(attacker: Attacker, scene: Scene, place: int) -> None:
    """Of two entries, or of their places in the chain."""
    tenant = scene.acme.id
    one, other = entry_at(attacker, tenant, place), entry_at(attacker, tenant, place + 1)
    column, table, key = ("id", "audit", "id") if place % 2 else ("audit_id", "audit_seals", "audit_id")
    for new, old in ((UUID(int=1), one), (one, other), (other, UUID(int=1))):
        attacker.do(
            f"update app.{table} set {column} = %(new)s where tenant_id = %(tenant)s and {key} = %(old)s",
            tenant=tenant, new=new, old=old,
        )  # fmt: skip


def a_move(attacker: Attacker, scene: Scene, place: int) -> None:
    """To the neighbour, whose chain takes it in every other time."""
    tenant, neighbour = scene.acme.id, scene.globex.id
    entry = entry_at(attacker, tenant, place)
    attacker.do(
        "update app.audit set tenant_id = %(neighbour)s where tenant_id = %(tenant)s and id = %(id)s",
        tenant=tenant, neighbour=neighbour, id=entry,
    )  # fmt: skip
    if place % 2:
        seal_again(attacker, neighbour, first=1)


def a_chain_computed_anew(attacker: Attacker, scene: Scene, place: int) -> None:
    edit(attacker, scene.acme.id, place)
    seal_again(attacker, scene.acme.id, first=1)


KINDS: dict[str, tuple[Callable[[Attacker, Scene, int], None], Callable[[int], int | None]]] = {
    "an edit": (an_edit, lambda place: place),
    "a re-hash": (a_rehash, lambda place: place),
    "a deletion in the middle": (a_deletion_in_the_middle, lambda place: place),
    "a deletion at the end": (a_deletion_at_the_end, lambda place: place),
    "a deletion of everything": (a_deletion_of_everything, lambda _: 1),
    "an insertion": (an_insertion, lambda place: place if place % 2 else None),
    "a swap": (a_swap, lambda place: place),
    "a move": (a_move, lambda place: place),
    "a chain computed anew": (a_chain_computed_anew, lambda _: 1),
}
"""What is done at a place, and the place in the chain of the first bad entry; None for one that is in no chain."""


class TestVerify:
    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("kind", KINDS)
    def test_names_the_first_bad_entry_after(self, kind: str, place: int, vandal: Attacker, scene: Scene):
        tenant = scene.acme.id
        drawer = scene.drawer.first(place) if kind == "a deletion of everything" else scene.drawer
        assert vandal.finding(drawer, tenant) is None, "the control: it was whole"
        forged = forged_at(vandal, tenant, place)
        tamper, first_bad = KINDS[kind]
        tamper(vandal, scene, place)
        finding = vandal.finding(drawer, tenant)
        assert finding is not None
        assert finding.seq == first_bad(place), finding
        if finding.seq is None:
            assert finding.entry == forged

    @pytest.mark.parametrize("place", PLACES)
    def test_a_move_shows_in_the_neighbours_chain_as_well(self, place: int, vandal: Attacker, scene: Scene):
        assert vandal.finding(scene.drawer, scene.globex.id) is None
        a_move(vandal, scene, place)
        found = vandal.finding(scene.drawer, scene.globex.id)
        assert found is not None
        assert found.what in {"inserted", "rewritten"}

    @pytest.mark.parametrize("kind", ["an edit", "a deletion in the middle", "a swap", "a move"])
    def test_needs_no_anchors_for_what_breaks_the_chain(self, kind: str, vandal: Attacker, scene: Scene):
        KINDS[kind][0](vandal, scene, 10)
        finding = vandal.finding(None, scene.acme.id)
        assert isinstance(finding, Finding)
        assert finding.seq == 10

    def test_needs_anchors_for_what_does_not(self, vandal: Attacker, scene: Scene):
        a_chain_computed_anew(vandal, scene, 10)
        assert vandal.finding(None, scene.acme.id) is None, "a chain computed anew agrees with itself"
        assert vandal.finding(scene.drawer, scene.acme.id) is not None
