"""The superuser's sessions of the tests are kept from one statement to the next, and left open by nobody."""

import gc
import threading
import warnings
from uuid import uuid4

import psycopg
import pytest

from local.companies import superuser as as_superuser

PID = "select pg_backend_pid()"


@pytest.fixture
def pids() -> list[int]:
    """Of the sessions that were asked."""
    return []


def ask(conninfo: str, pids: list[int]) -> None:
    [(pid,)] = as_superuser(conninfo, PID, tenant=uuid4())
    pids.append(pid)


def test_one_that_a_thread_began_serves_whoever_comes_after_it(superuser: str, pids: list[int]):
    conninfo = f"{superuser} application_name=kept"
    with warnings.catch_warnings(action="error"):
        thread = threading.Thread(target=ask, args=(conninfo, pids))
        thread.start()
        thread.join()
        gc.collect()
        ask(conninfo, pids)
    assert pids[0] == pids[1]


def test_one_that_the_server_has_ended_is_followed_by_another(superuser: str, pids: list[int]):
    conninfo = f"{superuser} application_name=ended"
    ask(conninfo, pids)
    with psycopg.connect(superuser) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [pids[0]])
    ask(conninfo, pids)
    assert pids[0] != pids[1]
