"""What `app.facts()` answers is read whole, with its moments, and is the same however often it is read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from freehold.entitlements.facts import Facts, Who

ANSWER: dict[str, Any] = {
    "version": 17,
    "snapshot": 4,
    "tenant": {
        "id": "0193c0de-0000-7000-8000-000000000001",
        "created_at": "2026-01-31T12:00:00.5+00:00",
        "access": "full",
        "plan": "pro",
        "add_ons": ["support"],
        "status": "active",
        "interval": "month",
        "past_due_since": None,
        "trial_end": None,
        "period_start": "2026-11-01T00:00:00+00:00",
        "period_end": "2026-12-01T00:00:00+00:00",
        "subscribed_at": "2026-02-01T00:00:00+00:00",
        "grants": [{"id": "g1", "access": "full", "until": "2027-01-01T00:00:00+00:00", "plan": "scale"}],
        "overrides": [
            {
                "id": "o1",
                "plan": None,
                "features": ["sso"],
                "limits": {"seats": None, "projects": 7},
                "rates": {"read": [600, 60], "write": None},
                "until": None,
                "source": "file",
            }
        ],
        "targets": [
            {"flag": "b", "member_id": None, "variant": "on", "until": None},
            {"flag": "a", "member_id": None, "variant": "on", "until": None},
            {"flag": "b", "member_id": "m1", "variant": "off", "until": "2027-01-01T00:00:00+00:00"},
        ],
    },
    "who": {"principal": "member:m1", "member_id": "m1", "role": "owner"},
}
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def test_the_tenant_is_read_whole():
    facts = Facts.read(ANSWER)
    assert (facts.version, facts.snapshot, facts.plan, facts.add_ons) == (17, 4, "pro", ("support",))
    assert facts.created_at == datetime(2026, 1, 31, 12, microsecond=500_000, tzinfo=UTC)
    assert facts.period_end == datetime(2026, 12, 1, tzinfo=UTC)
    assert facts.past_due_since is None
    assert facts == Facts.read(ANSWER)


def test_what_was_agreed_keeps_the_difference_between_no_limit_and_nothing_said():
    [override] = Facts.read(ANSWER).overrides
    assert override.limits == {"seats": None, "projects": 7}
    assert override.rates == {"read": (600, 60), "write": None}
    assert override.features == {"sso"}


def test_targets_are_found_by_their_flag_in_the_order_that_they_came_in():
    targets = Facts.read(ANSWER).targets
    assert [target.member_id for target in targets["b"]] == [None, "m1"]
    assert [target.variant for target in targets["a"]] == ["on"]
    assert "c" not in targets


@pytest.mark.parametrize(("at", "lasts"), [(datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC), True), (NEW_YEAR, False)])
def test_what_has_an_end_lasts_until_that_very_moment(at: datetime, lasts: bool):  # noqa: FBT001 (a parameter of a test)
    facts = Facts.read(ANSWER)
    assert facts.grants[0].lasts(at) is lasts
    assert facts.targets["b"][1].lasts(at) is lasts
    assert facts.overrides[0].lasts(at)


def test_whoever_asks_is_known_with_their_kind():
    who = Who.read(ANSWER)
    assert (who.kind, who.member_id, who.role) == ("member", "m1", "owner")
