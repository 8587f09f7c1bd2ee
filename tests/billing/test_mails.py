"""What people hear about the bill: each thing once, those who look after it, and nothing untrue."""

from typing import Any
from uuid import uuid4

import pytest

from freehold import clock
from freehold.billing.announcements import ACCESS_CHANGED
from freehold.callers import WorkerCaller
from freehold.database import database
from freehold.email import records
from freehold.email.catalog import name_of
from freehold.email.notices import NOTICES, notice_of
from freehold.messaging.catalog import example
from freehold.messaging.events import Event
from functions.manifest import FUNCTIONS
from local.companies import Company
from product.events import CATALOG

OURS = [kind for kind in CATALOG if kind.name.startswith("billing.")]


def event(type_: str, **data: Any) -> Event:
    kind = CATALOG.get(type_)
    assert kind is not None
    shown = example(kind)
    return Event.model_validate(shown | {"id": str(uuid4()), "data": shown["data"] | data, "occurred_at": clock.now()})


def template(told: Event) -> str | None:
    notice = notice_of(told)
    return name_of(type(notice.says(told))) if notice else None


class TestEachEvent:
    @pytest.mark.parametrize(
        ("type_", "mail"),
        [
            ("billing.trial_ending", "trial_ending"),
            ("billing.payment_failed", "payment_failed"),
            ("billing.payment_recovered", "payment_recovered"),
            ("billing.subscription_ended", "subscription_ended"),
            ("billing.subscription_changed", None),
            ("billing.invoice_paid", None),
        ],
    )
    def test_is_told_by_its_mail_or_by_none(self, type_: str, mail: str | None):
        moments = {"trial_end": "2026-01-15T09:30:00+00:00", "past_due_since": "2026-01-15T09:30:00+00:00"}
        assert template(event(type_, **moments)) == mail

    @pytest.mark.parametrize(
        ("before", "now", "because", "mail"),
        [
            ("full", "restricted", "payment", "access_restricted"),
            ("full", "restricted", "paused", "access_restricted"),
            ("restricted", "suspended", "payment", "access_suspended"),
            ("full", "suspended", "payment", "access_suspended"),
            ("suspended", "restricted", "payment", None),
            ("suspended", "full", "plan", None),
            ("full", "suspended", "grant", None),
        ],
    )
    def test_less_access_is_told_where_a_bill_is_the_reason(self, before, now, because, mail):
        told = event(ACCESS_CHANGED.name, access=now, previous_access=before, because=because)
        assert template(told) == mail

    def test_that_is_told_is_handed_over_by_the_bus(self):
        [notify] = [each for each in FUNCTIONS if each.name == "notify"]
        assert {notice.event for notice in NOTICES} == set(notify.events)


class TestWhoHears:
    def test_are_the_owners_and_whoever_looks_after_the_bill(self, acme: Company):
        for role in ("admin", "member", "billing"):
            acme.member(role)
        acme.execute("update app.members set email = role || '@acme.test' where tenant_id = %(tenant_id)s")
        caller = WorkerCaller(tenant_id=acme.id, worker="notify", request_id="a-request")
        heard = database("freehold_worker").working(caller).one(records.payers())
        assert {each.address for each in heard} == {"owner@acme.test", "billing@acme.test"}
