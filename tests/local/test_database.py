"""Throwaway servers that are copies of one that was prepared once."""

import psycopg
import pytest

from local.database import NAME, prepared
from local.errors import LocalError
from local.postgres import SUPERUSER, Postgres


def roles(server: Postgres, database: str = NAME) -> list[str]:
    with psycopg.connect(server.conninfo(user=SUPERUSER, database=database)) as connection:
        return [name for (name,) in connection.execute("select rolname from pg_roles order by 1").fetchall()]


class TestPrepared:
    def test_one_has_nothing_of_what_was_done_in_another(self):
        with prepared() as one, prepared() as other:
            before = roles(other)
            one.superuser("create role left_behind")
            assert "left_behind" in roles(one)
            assert roles(other) == before
            with prepared() as later:
                assert roles(later) == before

    def test_each_role_gets_in_with_its_password(self):
        with prepared() as server, psycopg.connect(server.conninfo(user="freehold_api", database=NAME)) as connection:
            assert connection.execute("select current_user").fetchone() == ("freehold_api",)

    def test_the_control_nobody_gets_in_without_it(self):
        with prepared() as server, pytest.raises(psycopg.OperationalError, match="no password"):
            psycopg.connect(f"host=127.0.0.1 port={server.port} dbname={NAME} user=freehold_api passfile=/dev/null")

    def test_a_copy_of_one_that_runs_is_refused(self, tmp_path):
        with prepared() as server, pytest.raises(LocalError, match="stop it"):
            Postgres(tmp_path / "postgres", durable=False).copy(server)
