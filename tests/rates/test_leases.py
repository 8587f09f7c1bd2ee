"""What a process admits by itself, and what it never does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from freehold import permissions
from freehold.database import Database, Query
from freehold.database.login import conninfo
from freehold.errors import PermissionDenied, RateLimited
from freehold.rates.held import HOLDS_FOR
from freehold.rates.leases import ASK_AGAIN, Leases
from freehold.tenants.queries import update_tenant
from local.companies import Company
from tests.rates.asking import ONE, Clock, ask, caller, left
from tests.rates.conftest import Agree
from tests.wire import Wire

SENT = "select app.lease($1, $2, $3, $4, $5, $6, $7, $8, $9)"
"""As the wire sees it."""


def leases_seen(wire: Wire) -> bool:
    """Whether one was asked for since the last look."""
    seen = SENT in wire.statements
    wire.statements.discard(SENT)
    return seen


@pytest.fixture
def key(acme: Company) -> dict[str, Any]:
    return acme.key("tenant:read")


class TestLease:
    def test_it_is_in_the_requests_flight(
        self, process: Database, acme: Company, key: dict[str, Any], leases: Leases, agree: Agree, wire: Wire
    ):
        agree(acme, read=(600, 60))
        process.connect()
        leases_seen(wire)
        with wire.counting() as counted:
            assert ask(process, caller(key, leases))
        assert (counted, leases_seen(wire)) == ([1], True)

    def test_what_is_held_is_used_without_asking(
        self, process: Database, acme: Company, key: dict[str, Any], leases: Leases, agree: Agree, wire: Wire
    ):
        agree(acme, read=(600, 60))
        asked = 0
        leases_seen(wire)
        for _ in range(60):
            assert ask(process, caller(key, leases))
            asked += leases_seen(wire)
        assert asked <= 12
        assert sum(left(acme, bucket) is not None for bucket in ("read", "read api_key:%")) == 2

    def test_no_limit_costs_nothing_until_it_is_looked_at_again(
        self, process: Database, key: dict[str, Any], leases: Leases, clock: Clock, acme: Company, wire: Wire
    ):
        leases_seen(wire)
        asked = []
        for moment in (0.0, 0.0, ASK_AGAIN - 0.1, ASK_AGAIN + 0.1):
            clock.now = 1_000.0 + moment
            assert ask(process, caller(key, leases))
            asked.append(leases_seen(wire))
        assert asked == [True, False, False, True]
        assert left(acme) is None

    def test_what_was_not_used_in_time_is_void(
        self,
        process: Database,
        acme: Company,
        key: dict[str, Any],
        leases: Leases,
        clock: Clock,
        agree: Agree,
        wire: Wire,
    ):
        agree(acme, read=(600, 60))
        for _ in range(2):  # the second lease is of two
            ask(process, caller(key, leases))
        leases_seen(wire)
        clock.now += HOLDS_FOR
        ask(process, caller(key, leases))
        assert leases_seen(wire)

    def test_a_new_plan_counts_with_the_next_lease(
        self, process: Database, acme: Company, key: dict[str, Any], leases: Leases, clock: Clock, agree: Agree
    ):
        agree(acme, read=(4, 3600))
        while ask(process, caller(key, leases)):
            pass
        agree(acme, read=None)
        clock.now += 1.0
        assert ask(process, caller(key, leases))


class TestAccuracy:
    def test_two_processes_together_let_in_what_there_is_and_no_more(
        self, process: Database, acme: Company, agree: Agree
    ):
        agree(acme, ingest=(100, 86_400))  # a hundred a day: ten at once, and none comes while the test runs
        key = acme.key("tenant:read")
        two = [Leases(Clock()), Leases(Clock())]
        let_in = [ask(process, caller(key, leases, rate_class="ingest")) for _ in range(20) for leases in two]
        assert (sum(let_in), sum(let_in[:6])) == (10, 6)

    def test_one_key_takes_its_share_and_leaves_the_rest_to_others(
        self, process: Database, acme: Company, leases: Leases, agree: Agree
    ):
        agree(acme, read=(8, 3_600))
        greedy, modest = (acme.key("tenant:read") for _ in range(2))
        assert [sum(ask(process, caller(key, leases)) for _ in range(12)) for key in (greedy, modest)] == [4, 4]

    def test_a_request_that_fails_later_counts(self, process: Database, acme: Company, leases: Leases, agree: Agree):
        agree(acme, ingest=(4, 60))
        key = acme.key("tenant:read")
        for _ in range(4):
            with pytest.raises(PermissionDenied):
                process.one(caller(key, leases, rate_class="ingest"), permissions.TENANT_WRITE, ONE)
        with pytest.raises(RateLimited):
            process.one(caller(key, leases, rate_class="ingest"), permissions.TENANT_WRITE, ONE)

    def test_a_request_counts_once_however_many_units_it_has(
        self, process: Database, acme: Company, leases: Leases, agree: Agree
    ):
        agree(acme, ingest=(2, 60))
        key = acme.key("tenant:read")
        first, second = (caller(key, leases, rate_class="ingest") for _ in range(2))
        assert [ask(process, first) for _ in range(5)] == [True] * 5
        assert ask(process, second), "the control: the next request pays for itself"
        assert not ask(process, caller(key, leases, rate_class="ingest"))

    def test_a_lease_leaves_nothing_on_the_connection(
        self, process: Database, acme: Company, key: dict[str, Any], leases: Leases, agree: Agree
    ):
        agree(acme, read=(600, 60))
        ask(process, caller(key, leases))
        settings = (
            "select current_setting('app.tenant_id', true),"
            " (select source from pg_settings where name = 'synchronous_commit')"
        )
        tenant, commits_as = process.outside(Query(settings, {}, lambda result: result.fetchone()))
        assert (tenant, commits_as == "session") == ("", False)


class TestRefusal:
    def test_who_was_let_in_before_is_refused_without_a_trip_for_a_moment(
        self,
        process: Database,
        acme: Company,
        key: dict[str, Any],
        leases: Leases,
        clock: Clock,
        agree: Agree,
        wire: Wire,
    ):
        agree(acme, read=(4, 3_600))
        while ask(process, caller(key, leases)):
            pass
        with wire.counting() as at_once:
            assert not ask(process, caller(key, leases))
        clock.now += 1.0
        with wire.counting() as later:
            assert not ask(process, caller(key, leases))
        assert at_once == [0]
        assert later != [0], "the control: after that the database is asked"

    def test_nothing_of_the_request_has_happened(self, process: Database, acme: Company, leases: Leases, agree: Agree):
        agree(acme, ingest=(1, 60))
        key = acme.key("tenant:read", "tenant:write")
        named = []
        for name in ("First", "Second"):
            with suppress(RateLimited):
                who = caller(key, Leases(), rate_class="ingest")
                named.append(process.run(who, permissions.TENANT_WRITE, update_tenant(name)))
        assert len(named) == 1
        assert acme.call("GET", "/v1/tenant").json["name"] == "First"

    def test_it_says_when_and_by_which_rule(self, process: Database, acme: Company, leases: Leases, agree: Agree):
        override = agree(acme, ingest=(1, 60))
        who = caller(acme.key("tenant:read"), leases, rate_class="ingest")
        assert ask(process, who)
        again = caller(acme.key("tenant:read"), leases, rate_class="ingest")
        with pytest.raises(RateLimited) as refused:
            process.one(again, permissions.TENANT_READ, ONE)
        assert refused.value.members == {"rule": f"override:{override}/rate:ingest"}
        headers = again.toll.headers()
        assert headers["ratelimit-policy"] == '"ingest";q=1;w=60'
        assert (headers["ratelimit"], headers["retry-after"]) == ('"ingest";r=0;t=60', "60")

    def test_a_share_that_is_used_up_says_so(self, process: Database, acme: Company, leases: Leases, agree: Agree):
        override = agree(acme, read=(4, 60))
        key = acme.key("tenant:read")
        assert [ask(process, caller(key, leases)) for _ in range(2)] == [True, True]
        who = caller(key, leases)
        with pytest.raises(RateLimited) as refused:
            process.one(who, permissions.TENANT_READ, ONE)
        assert refused.value.members == {"rule": f"override:{override}/rate:read/key"}
        assert who.toll.headers()["ratelimit-policy"] == '"read";q=4;w=60, "read-key";q=2;w=60'
        assert ask(process, caller(acme.key("tenant:read"), leases)), "the others have theirs"


class TestTogether:
    def test_leases_of_a_bucket_that_nobody_has_asked_yet_add_up(
        self, acme: Company, key: dict[str, Any], agree: Agree, stage: None
    ):
        agree(acme, ingest=(40, 86_400))  # it holds ten
        start = threading.Barrier(6)

        def let_in(_: int) -> int:
            db, leases = Database(conninfo("freehold_api")), Leases()
            start.wait()
            try:
                return sum(ask(db, caller(key, leases, rate_class="ingest")) for _ in range(5))
            finally:
                db.close()

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(let_in, range(6))) == 10

    def test_threads_of_one_process_share_what_it_holds(
        self, process: Database, acme: Company, key: dict[str, Any], leases: Leases, agree: Agree
    ):
        agree(acme, ingest=(600, 60))
        for _ in range(30):
            ask(process, caller(key, leases, rate_class="ingest"))
        held = leases.pay(caller(key, leases), "ingest").tenant.tokens
        with ThreadPoolExecutor(6) as pool:
            paid = list(pool.map(lambda _: leases.pay(caller(key, leases), "ingest").of_tenant, range(held + 20)))
        assert sum(paid) == held
