"""Every statement of the product runs on the bench's data, as often as the bench runs it."""

import pytest

from benchmarks import isolation_cost
from benchmarks.harness import world
from benchmarks.harness.acting import REFUSED
from freehold.database.migrations.bootstrap import DATABASE
from local.statements import Arguments, every_statement
from local.watch import Watch


def test_each_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(world, "TENANTS", {DATABASE: 3, world.SMALL: 2})
    monkeypatch.setattr(world, "SAMPLE", 500)
    monkeypatch.setattr(isolation_cost, "TENANTS", 2)
    monkeypatch.setattr(isolation_cost, "READS", 1)
    monkeypatch.setattr(isolation_cost, "ROUNDS", 1)
    monkeypatch.setattr(isolation_cost, "LONGER", 1)
    with world.world(lambda *_: None) as ready:
        figures = list(isolation_cost.measure(ready, Watch()))
    assert len(figures) == len(isolation_cost.GOALS)


def test_those_that_are_left_out_are_statements():
    assert set(REFUSED) < every_statement(Arguments()).keys()
