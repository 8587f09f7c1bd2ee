"""The whole decision, for people and for programs, and never another one than is acted on."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from freehold.decisions.evaluation import evaluate, evaluate_all
from freehold.decisions.explain import explain
from freehold.decisions.models import UnknownKey, with_usage
from tests.decisions.making import agreed, stage
from tests.flags.making import KEY, NOW, PERSON, facts, flag


def told(key, known=None, *, snapshot=None, who=PERSON) -> list[str]:
    return list(explain(snapshot or stage(), known or facts(), who, key, at=NOW).lines())


def test_a_flag():
    assert told("new-editor") == [
        "new-editor is a flag: False (variant off)",
        "  decided by  flag:new-editor/otherwise",
        "  reason      DEFAULT",
        "  until       somebody changes it: time alone does not",
        "  known at    2027-01-01T12:00:00+00:00, facts 1, snapshot 4",
        "considered:",
        '  1. The rule "beta" is passed over: plan in "scale" does not hold for \'pro\'',
        '  2. Otherwise "off" is served',
    ]


def test_a_feature_with_what_would_lift_it():
    lines = told("sso")
    assert lines[0] == "sso is a feature: not included"
    assert "  decided by  plan:pro" in lines
    assert "  lifted by   scale" in lines
    assert lines[lines.index("considered:") + 1 :]
    assert told("sso", facts(plan="scale"))[0] == "sso is a feature: included"


def test_a_limit():
    assert told("seats")[0] == "seats is a limit: 50 at most, and no more"
    soft = facts(plan=None)
    assert told("api_calls", soft)[0] == "api_calls is a limit: 1,000 at most, and more is let through"
    assert told("api_calls")[0] == "api_calls is a limit: no limit"


def test_a_limit_with_what_there_is():
    explained = explain(stage(), facts(), PERSON, "seats", at=NOW)
    counted = replace(explained, decision=with_usage(explained.decision, 1200))
    assert next(iter(counted.lines())) == "seats is a limit: 50 at most, and no more; 1,200 used, 0 remaining"
    endless = explain(stage(), facts(), PERSON, "api_calls", at=NOW)
    counted = replace(endless, decision=with_usage(endless.decision, 7))
    assert next(iter(counted.lines())) == "api_calls is a limit: no limit; 7 used"


def test_a_flag_that_cannot_be_read():
    lines = told("broken", snapshot=stage(flag(key="broken", state="gone")))
    assert lines[0] == "broken is a flag: no answer"
    assert lines[-1] == "  1. Its definition cannot be used: state: It has to be 'on', 'off' or 'archived'."


def test_a_rate_by_the_rule_that_a_refusal_names():
    lines = told("rate:read")
    assert lines[0] == "rate:read is a rate: 6,000 requests in 60 s, of which one caller may make 50%"
    assert "  decided by  plan:pro/rate:read" in lines
    assert "  lifted by   scale" in lines
    assert lines[-1] == "  2. Pro gives 6000 in 60 s of read."
    assert told("rate:ingest")[0] == "rate:ingest is a rate: 100 requests in 1 s"
    assert told("rate:read", facts(plan="scale"))[0] == "rate:read is a rate: no limit"


def test_a_rate_that_was_agreed():
    until = NOW + timedelta(days=1)
    explained = explain(
        stage(), facts(overrides=(agreed(rates={"read": (9, 1)}, until=until),)), PERSON, "rate:read", at=NOW
    )
    assert (
        explained.as_json().items()
        >= {
            "kind": "rate",
            "value": {"requests": 9, "seconds": 1, "key_share": 0.5},
            "reason": "TARGETING_MATCH",
            "rule": "override:o1/rate:read",
            "until": until.isoformat(),
            "lifts": [],
        }.items()
    )


def test_a_rate_is_explained_and_asked_by_nobody():
    assert not [each for each in evaluate_all(stage(), facts(), PERSON, at=NOW) if each.kind == "rate"]
    with pytest.raises(UnknownKey):
        evaluate(stage(), facts(), PERSON, "rate:read", at=NOW)


@pytest.mark.parametrize("key", ["sso", "priority_support", "seats", "api_calls", "new-editor", "old-editor", "theme"])
@pytest.mark.parametrize("who", [PERSON, KEY])
def test_it_is_the_decision_that_is_acted_on(key, who):
    known = facts(overrides=(agreed(features=frozenset({"sso"}), limits={"seats": 7}),))
    explained = explain(stage(), known, who, key, at=NOW)
    assert explained.decision == evaluate(stage(), known, who, key, at=NOW)
    assert explained.trace


def test_it_can_be_written_down():
    explained = explain(stage(), facts(), PERSON, "new-editor", at=NOW)
    assert json.loads(json.dumps(explained.as_json())) == explained.decision.as_json() | {
        "considered": list(explained.trace),
        "at": "2027-01-01T12:00:00+00:00",
        "snapshot": 4,
        "facts": 1,
    }


@pytest.mark.parametrize("key", ["gone", "rate:gone", "rate:", "read"])
def test_a_key_that_nothing_has(key):
    with pytest.raises(UnknownKey):
        told(key)
