"""Reconcile as it is run: by the clock once a day, by hand as often as somebody likes, and what the command prints."""

import importlib
import json
import uuid
from types import ModuleType

import pytest

from freehold.billing.drift import Drift
from freehold.billing.reconcile import Report
from freehold.ids import TenantId
from freehold.settings import settings
from local.billing_reconcile import parse, show
from tests.billing.till import Till

TENANT = TenantId(uuid.UUID(int=7))
DRIFT = Drift(tenant_id=TENANT, field="account status", local="active", stripe="canceled", healed=True)


@pytest.fixture
def handler(till: Till) -> ModuleType:
    return importlib.import_module("functions.reconcile_billing.handler")


class TestTheFunction:
    def test_by_hand_answers_with_what_differed(self, till: Till, handler: ModuleType):
        made = till.subscribe()
        till.account.client.v1.subscriptions.cancel(made["id"])
        report = Report.model_validate(handler.handler({"by_hand": True}, None))
        mine = [each for each in report.drift if each.tenant_id == till.company.id]
        assert {each.field for each in mine} >= {"account status", f"subscription {made['id']} status"}
        assert all(each.healed for each in mine)
        assert till.billing["status"] == "canceled"

    def test_by_the_clock_is_done_once_for_a_day(self, till: Till, handler: ModuleType):
        day = {"scheduled_at": "2030-01-15T09:00:00Z"}
        made = till.subscribe()
        handler.handler(day, None)
        till.account.client.v1.subscriptions.cancel(made["id"])
        handler.handler(day, None)
        assert till.billing["status"] == "trialing"

    def test_where_nothing_is_sold_does_nothing(self, handler: ModuleType, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("FREEHOLD_STRIPE", "{}")
        settings.cache_clear()
        assert handler.handler({"scheduled_at": "2030-01-16T09:00:00Z"}, None) is None


class TestTheCommand:
    @pytest.mark.parametrize(
        ("drift", "left", "code"),
        [((), 0, 0), ((DRIFT,), 0, 0), ((DRIFT.model_copy(update={"healed": False}),), 0, 1), ((), 3, 1)],
    )
    def test_exits_with_0_when_nothing_differs_any_more(self, drift, left: int, code: int):
        assert show(Report(tenants=2, customers=2, left=left, drift=drift), as_json=False) == code

    def test_says_each_difference_in_a_line(self, capsys: pytest.CaptureFixture[str]):
        show(Report(tenants=2, customers=2, left=0, drift=(DRIFT,)), as_json=False)
        first, last = capsys.readouterr().out.splitlines()
        assert first == f"  {TENANT}  account status: active here, canceled at Stripe, mended"
        assert last == "billing: 2 tenants compared with 2 customers, 1 differences, 0 of them still there"

    def test_says_how_many_are_not_reached_or_not_here(self, capsys: pytest.CaptureFixture[str]):
        assert show(Report(tenants=2, customers=5, left=1, elsewhere=3, drift=()), as_json=False) == 1
        said = "2 tenants compared with 5 customers, 1 not reached, 3 of tenants who are not here, 0 differences"
        assert said in capsys.readouterr().out

    def test_prints_json_alone(self, capsys: pytest.CaptureFixture[str]):
        show(Report(tenants=2, customers=2, left=0, drift=(DRIFT,)), as_json=True)
        assert json.loads(capsys.readouterr().out)["drift"][0]["stripe"] == "canceled"

    def test_knows_its_stages(self):
        with pytest.raises(SystemExit) as refused:
            parse(["--stage", "elsewhere"])
        assert refused.value.code == 2
