"""One pooled connection, many tenants: what one leaves behind is the next one's to find, and there is nothing."""

import random

import pytest

from freehold.database import Database, Statement
from freehold.database.migrations.bootstrap import DATABASE
from freehold.permissions import TENANT_READ
from local.pgbouncer import NotInstalled
from local.postgres import Postgres
from proof.pooling import API, Pooled, attack
from proof.pooling.batch import Batch
from proof.pooling.clients import ClientFailed, Way, run
from proof.pooling.insiders import Insider, sign_up
from proof.pooling.statements import names
from proof.pooling.units import Fragile, Units

TRANSACTIONS = 3_000


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def result(server: Postgres, steps: list[tuple[int, int]]) -> Pooled:
    try:
        return attack(server, transactions=TRANSACTIONS, after_step=lambda *step: steps.append(step))
    except NotInstalled as why:
        pytest.skip(str(why))


@pytest.fixture
def where(server: Postgres) -> str:
    return server.conninfo(user=API, database=DATABASE)


@pytest.fixture
def insiders(where: str) -> list[Insider]:
    db = Database(where)
    made = [sign_up(db) for _ in range(2)]
    db.close()
    return made


class TestThroughThePool:
    def test_nothing_leaks(self, result: Pooled):
        assert result.leaks == []

    def test_every_transaction_counts(self, result: Pooled, steps: list[tuple[int, int]]):
        assert result.probes == {"pool": TRANSACTIONS}
        assert steps[-1] == (TRANSACTIONS, TRANSACTIONS)

    @pytest.mark.parametrize("kind", ["hang up", "be killed", "raise", "fail between flights", "be refused"])
    def test_units_end_badly_too(self, result: Pooled, kind: str):
        assert result.units[kind] > 0

    def test_the_control_leaks(self, result: Pooled):
        assert result.control_leaks > 0
        assert result.unarmed == []


class Careless(Units):
    """A client whose door leaves the tenant behind, as a session-level setting does."""

    def __init__(self, where: str, insiders: list[Insider], chance: random.Random) -> None:
        super().__init__(where, insiders, chance)
        self._db = LeavesTheTenant(where)


class LeavesTheTenant(Fragile):
    def _entering(self, caller, permission, once=None):
        keep = "select set_config('app.request_id', %(tenant_id)s::text, false)"
        return [
            *super()._entering(caller, permission, once),
            Statement(keep, {"tenant_id": caller.tenant_id}, lambda _: None),
        ]


class TestControls:
    """Each look of the attack finds what it is for."""

    def test_a_setting_that_outlives_its_unit_is_found(self, where: str, insiders: list[Insider]):
        careless, batch = Careless(where, insiders, random.Random(1)), Batch(200)  # noqa: S311 (chances, not secrets)
        while batch.left > 2:
            careless.once(batch)
        careless.close()
        assert {leak.check for leak in batch.leaks} == {"a pooled connection: look for settings"}

    def test_a_foreign_row_is_found(self, insiders: list[Insider]):
        one, other = insiders
        batch = Batch(1)
        batch.saw("read", one, [one.mark, other.mark])
        assert other.mark in batch.leaks[0].says

    def test_seeing_nothing_is_found(self, insiders: list[Insider]):
        batch = Batch(1)
        batch.saw("read", insiders[0], [])
        assert len(batch.leaks) == 1

    def test_a_tenants_own_rows_are_no_leak(self, where: str, insiders: list[Insider]):
        batch, db = Batch(1), Database(where)
        batch.saw("read", insiders[0], db.one(insiders[0].person, TENANT_READ, names("app.members")))
        db.close()
        assert batch.leaks == []


class TestClientThatCannotGoOn:
    def test_is_no_silent_success(self, where: str, insiders: list[Insider]):
        nobody = [Insider("nobody", insider.tenant_id, insider.identity, b"") for insider in insiders]
        with pytest.raises(ClientFailed, match="ApiKeyRefused"):
            list(run(Way.DOOR, where, nobody, clients=1, transactions=100))
