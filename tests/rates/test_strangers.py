"""Anybody can name any tenant: what they use up of it, and what they hear of it, is nothing."""

from uuid import uuid4

import pytest

from freehold import permissions
from freehold.database import Database, Query
from freehold.errors import ApiKeyRefused, RateLimited
from freehold.rates.leases import Leases
from local.companies import Company
from tests.rates.asking import ONE, ask, caller, left, replaced
from tests.rates.conftest import Agree

WHO_ASKS = "app.who_asks(text, text, text, timestamp with time zone, bytea)"
ANYBODY = """
    create or replace function app.who_asks(
        kind text, issuer text, subject text, issued_at timestamptz, secret_hash bytea) returns text
    language sql volatile as $$ select 'api_key:' || gen_random_uuid() $$
"""


class TestStrangers:
    def test_they_use_up_nothing(self, process: Database, acme: Company, globex: Company, leases: Leases, agree: Agree):
        agree(acme, read=(4, 3_600))
        stranger = globex.key("tenant:read")
        for _ in range(10):
            with pytest.raises(ApiKeyRefused):
                process.one(caller(stranger, leases, at=acme.id), permissions.TENANT_READ, ONE)
        assert left(acme) is None
        assert ask(process, caller(acme.key("tenant:read"), leases))

    def test_nor_what_the_process_holds(
        self, process: Database, acme: Company, globex: Company, leases: Leases, agree: Agree
    ):
        agree(acme, ingest=(600, 60))
        key, stranger = acme.key("tenant:read"), globex.key("tenant:read")
        for _ in range(4):
            ask(process, caller(key, leases, rate_class="ingest"))
        before = left(acme)
        held = leases.pay(caller(key, leases), "ingest").tenant.tokens
        for _ in range(10):
            with pytest.raises(ApiKeyRefused):
                process.one(caller(stranger, leases, at=acme.id, rate_class="ingest"), permissions.TENANT_READ, ONE)
        assert leases.pay(caller(key, leases), "ingest").tenant.tokens == held - 1, "its own one alone"
        assert left(acme) == before

    def test_the_control_without_the_look_at_who_they_are_they_would(
        self, process: Database, acme: Company, globex: Company, leases: Leases, agree: Agree, superuser: str
    ):
        agree(acme, read=(4, 3_600))
        stranger, own = globex.key("tenant:read"), acme.key("tenant:read")
        with replaced(superuser, WHO_ASKS, ANYBODY):
            for _ in range(10):
                with pytest.raises((ApiKeyRefused, RateLimited)):
                    process.one(caller(stranger, Leases(), at=acme.id), permissions.TENANT_READ, ONE)
            assert not ask(process, caller(own, Leases()))
        assert left(acme) == pytest.approx(0, abs=0.1)

    def test_they_hear_the_same_of_a_tenant_that_there_is_not(
        self, process: Database, acme: Company, globex: Company, leases: Leases, agree: Agree
    ):
        agree(acme, read=(1, 3_600))
        ask(process, caller(acme.key("tenant:read"), leases))
        stranger = globex.key("tenant:read")
        answers = []
        for tenant in (acme.id, uuid4()):
            who = caller(stranger, leases, at=tenant)
            asked = leases.asks(leases.pay(who, "read"), who)
            answers.append(process.outside(Query(*asked, lambda result: result.fetchone())))
        assert answers == [(None,), (None,)]

    def test_a_key_that_was_revoked_takes_nothing_from_its_tenant(
        self, process: Database, acme: Company, leases: Leases, agree: Agree
    ):
        agree(acme, ingest=(600, 60))
        key = acme.key("tenant:read")
        for _ in range(4):
            ask(process, caller(key, leases, rate_class="ingest"))
        acme.call("DELETE", f"/v1/api-keys/{key['id']}")
        held = leases.pay(caller(key, leases), "ingest").tenant.tokens
        for _ in range(10):
            with pytest.raises(ApiKeyRefused):
                process.one(caller(key, leases, rate_class="ingest"), permissions.TENANT_READ, ONE)
        assert leases.pay(caller(key, leases), "ingest").tenant.tokens == held - 1
