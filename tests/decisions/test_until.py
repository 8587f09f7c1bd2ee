"""Until the moment that a decision names, time alone never changes it."""

import os
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.decisions.evaluation import evaluate
from freehold.entitlements.facts import Grant
from tests.decisions.making import agreed, stage
from tests.flags.making import NOW, PERSON, facts, flag, rule, split, when

EXAMPLES = int(os.environ.get("FLAG_EXAMPLES", "50"))
"""More of them: `FLAG_EXAMPLES=5000 pytest tests/decisions/test_until.py`."""
MOMENTS = [NOW + timedelta(days=days) for days in range(-3, 4)]
TICK = timedelta(microseconds=1)
KEYS = ["sso", "seats", "by-plan", "by-share"]

ends = st.sampled_from([None, *MOMENTS])
plans = st.sampled_from([None, "free", "pro", "scale", "gone"])
overrides = st.lists(
    st.builds(
        lambda plan, until, features: agreed(plan=plan, until=until, features=frozenset(features)),
        plans,
        ends,
        st.sampled_from([(), ("sso",)]),
    ),
    max_size=2,
)
grants = st.lists(
    st.builds(lambda plan, until: Grant(id="g", access="full", plan=plan, until=until), plans, ends), max_size=3
)
STAGE = stage(
    flag(key="by-plan", rules=[rule("on", when("plan", "in", "scale"), until=MOMENTS[5].isoformat())]),
    flag(key="by-share", otherwise=split("plan", on=50, off=50)),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(overrides, grants, plans, st.sampled_from([None, *MOMENTS]), st.sampled_from(MOMENTS), st.sampled_from(KEYS))
def test_it_stands_until_then(some, gifts, plan, past_due_since, at, key):
    known = facts(overrides=tuple(some), grants=tuple(gifts), plan=plan, past_due_since=past_due_since)
    now = evaluate(STAGE, known, PERSON, key, at=at)
    last = now.until - TICK if now.until else datetime(9999, 1, 1, tzinfo=UTC)
    assert last >= at
    for later in [last, *(moment for moment in MOMENTS if at < moment < last)]:
        then = evaluate(STAGE, known, PERSON, key, at=later)
        assert (then.value, then.reason, then.rule) == (now.value, now.reason, now.rule)


def test_the_control_at_that_moment_it_changes():
    known = facts(overrides=(agreed(plan="scale", until=NOW),))
    before = evaluate(STAGE, known, PERSON, "by-plan", at=NOW - TICK)
    assert (before.value, before.until) == (True, NOW)
    assert evaluate(STAGE, known, PERSON, "by-plan", at=NOW).value is False
