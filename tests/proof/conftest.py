"""A database in which two tenants have rows in every table, for tests of the proof itself."""

from collections.abc import Iterator

import psycopg
import pytest

from local.database import prepared
from local.postgres import SUPERUSER, Postgres
from proof.database.tenants import Tenant, new_mark
from proof.database.world import world

BASE = "freehold"


@pytest.fixture(scope="module")
def proving() -> Iterator[Postgres]:
    with prepared() as server:
        yield server


@pytest.fixture(scope="module")
def tenants(proving: Postgres) -> tuple[Tenant, Tenant]:
    """Both have moved in. In the mark of each is the number that functions are called with."""
    two = (Tenant("A", f"1{new_mark()[1:]}"), Tenant("B", f"1{new_mark()[1:]}"))
    with world(proving, BASE, two):
        return two


@pytest.fixture
def careless(proving: Postgres, tenants: tuple[Tenant, Tenant]) -> Iterator[psycopg.Connection]:
    """A superuser's connection to a copy, in which a test may make any mistake."""
    proving.superuser(f"create database careless template {BASE} owner freehold_owner")
    try:
        with psycopg.connect(proving.conninfo(user=SUPERUSER, database="careless"), autocommit=True) as connection:
            yield connection
    finally:
        proving.superuser("drop database careless with (force)")
