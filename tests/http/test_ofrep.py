"""What is said over OFREP, apart from what its clients make of it: refusals, versions, and whose decisions they are."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from freehold.decisions.models import Decision
from freehold.http.ofrep import shown
from functions.ofrep.operations import Evaluation, EvaluationFailure, Evaluations
from local.companies import Company, People
from local.gateway import Answer, call
from tests.conformance.decided import BROKEN, CHANGED, FLAGS, SCOPE, agree, flags_of, publish

ALL, BANNER = "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/conformance.banner"
THEME = "/ofrep/v1/evaluate/flags/conformance.theme"
CONTEXTS: dict[str, tuple[Any, str]] = {
    "a list": ([], "The `context` has to be an object: its attributes by their names."),
    "text": ("x", "The `context` has to be an object: its attributes by their names."),
    "51 attributes": (dict.fromkeys(map(str, range(51)), 1), "The context has more than 50 attributes"),
    "51 attributes, some within others": (
        {"a": dict.fromkeys(map(str, range(26)), 1), "b": dict.fromkeys(map(str, range(25)), 1)},
        "The context has more than 50 attributes",
    ),
    "long text": ({"a": "x" * 1001}, "The attribute `a` is longer than 1000 characters."),
    "long text within a list": ({"a": ["x" * 1001]}, "The attribute `a` is longer than 1000 characters."),
    "a long list": ({"a": [1] * 101}, "The attribute `a` is a list of more than 100 values."),
    "a list within a list": (
        {"a": [[1]]},
        "The attribute `a` has to be text, a number, true, false, or a list of these.",
    ),
    "an object within a list": ({"a": [{}]}, "The attribute `a` has to be text, a number"),
    "null within a list": ({"a": [None]}, "The attribute `a` has to be text, a number"),
    "a number of 65 bits": ({"a": 2**64}, "The attribute `a` is a number of more than 64 bits."),
    "a long name": ({"a" * 201: 1}, "The name of an attribute has 1 to 200 characters."),
    "no name": ({"": 1}, "The name of an attribute has 1 to 200 characters."),
    "a targeting key that is a number": ({"targetingKey": 7}, "The `targetingKey` has to be text."),
    "a targeting key that is a list": ({"targetingKey": ["a"]}, "The `targetingKey` has to be text."),
    "an attribute twice": ({"a.b": 1, "a": {"b": 2}}, "The context has an attribute twice"),
}
BODIES: dict[str, tuple[bytes, str]] = {
    "NaN": (b'{"context": {"a": NaN}}', "PARSE_ERROR"),
    "a number beyond every float": (b'{"context": {"a": 1e999}}', "PARSE_ERROR"),
    "a number of 5,000 digits": (b'{"context": {"a": ' + b"9" * 5000 + b"}}", "PARSE_ERROR"),
    "deep": (b'{"context": ' + b'{"a": ' * 40 + b"1" + b"}" * 41, "PARSE_ERROR"),
    "absurdly deep": (b"[" * 100_000 + b"]" * 100_000, "PARSE_ERROR"),
    "NUL": (b'{"context": {"a": "\\u0000"}}', "PARSE_ERROR"),
    "a name twice": (b'{"context": {"a": 1, "a": 2}}', "PARSE_ERROR"),
    "invalid UTF-8": (b'{"context": {"a": "\xff"}}', "PARSE_ERROR"),
    "a list": (b"[]", "PARSE_ERROR"),
    "half of it": (b'{"context": {', "PARSE_ERROR"),
}
GOOD = {
    "nothing": b"",
    "no context": b"{}",
    "a context that is null": b'{"context": null}',
    "an empty one": b'{"context": {}}',
    "one with null": b'{"context": {"a": null, "targetingKey": null}}',
    "all that is allowed": json.dumps(
        {
            "context": {
                "targetingKey": "user_0001",
                **{f"{'n' * 190}{number}": ["x" * 100] * 100 for number in range(47)},
                "text": "x" * 1000,
                "number": 2**63 - 1,
            }
        }
    ).encode(),
    "more than we know of": b'{"context": {}, "more": [1]}',
}


@pytest.fixture(autouse=True, scope="module")
def flags(stage: None, superuser: str) -> Iterator[None]:
    with flags_of(superuser):
        yield


def failure(answer: Answer, status: int) -> EvaluationFailure:
    """What it says, as the document describes it."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json"), answer
    return EvaluationFailure.model_validate(answer.json)


class TestContext:
    @pytest.mark.parametrize(("context", "says"), CONTEXTS.values(), ids=CONTEXTS.keys())
    def test_is_refused_with_a_sentence(self, acme: Company, context, says: str):
        for path in (BANNER, ALL):
            failed = failure(acme.call("POST", path, body={"context": context}), 400)
            assert (failed.errorCode, failed.errorDetails[: len(says)]) == ("INVALID_CONTEXT", says)

    @pytest.mark.parametrize(("raw", "code"), BODIES.values(), ids=BODIES.keys())
    def test_is_refused_where_it_cannot_be_read(self, acme: Company, raw: bytes, code: str):
        failed = failure(acme.call("POST", BANNER, raw=raw, headers={"Content-Type": "application/json"}), 400)
        assert (failed.errorCode, failed.key) == (code, "conformance.banner")

    @pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD.keys())
    def test_the_control_what_can_be_used_is(self, acme: Company, raw: bytes):
        answer = acme.call("POST", BANNER, raw=raw, headers={"Content-Type": "application/json; charset=utf-8"})
        assert (answer.status, answer.json["value"]) == (200, True)

    def test_is_json_and_at_most_a_mebibyte(self, acme: Company):
        other = failure(acme.call("POST", BANNER, raw=b"a=b", headers={"Content-Type": "text/plain"}), 400)
        assert (other.errorCode, other.errorDetails) == (
            "PARSE_ERROR",
            "Send the body as `Content-Type: application/json`.",
        )
        large = json.dumps({"context": {str(number): ["x" * 1000] * 25 for number in range(50)}}).encode()
        sent = acme.call("POST", BANNER, raw=large, headers={"Content-Type": "application/json"})
        assert failure(sent, 400).errorDetails == "The request body is larger than 1 MiB."

    def test_says_nothing_of_what_we_know_ourselves(self, acme: Company):
        said = acme.call("POST", THEME, body={"context": {"plan": "nobody's", "role": "owner"}})
        assert (said.json["value"], said.json["reason"]) == ("light", "DEFAULT")
        assert acme.call("POST", THEME, body={"context": {"country": "CA"}}).json["value"] == "dark", "the control"


class TestAnswer:
    def test_is_as_it_is_described(self, acme: Company):
        one = Evaluation.model_validate(acme.call("POST", BANNER, body={}).json)
        assert (one.key, one.value, one.variant, one.reason) == ("conformance.banner", True, "on", "STATIC")
        every = Evaluations.model_validate(acme.call("POST", ALL, body={}).json).flags
        assert one in every
        assert [each.key for each in every] == sorted(each.key for each in every)

    def test_of_an_unknown_key_is_that_there_is_none(self, acme: Company):
        failed = failure(acme.call("POST", f"{ALL}/Nobody's", body={}), 404)
        assert (failed.key, failed.errorCode) == ("Nobody's", "FLAG_NOT_FOUND")
        assert failed.errorDetails == "There is no flag, feature or limit with this key."

    def test_of_a_flag_that_cannot_be_read_takes_no_other_with_it(self, acme: Company, superuser: str):
        publish(superuser, BROKEN)
        failed = failure(acme.call("POST", f"{ALL}/{BROKEN['key']}", body={}), 400)
        assert (failed.errorCode, failed.errorDetails[:42]) == (
            "PARSE_ERROR",
            "The definition of this flag cannot be used",
        )
        every = Evaluations.model_validate(acme.call("POST", ALL, body={}).json).flags
        assert failed in every
        assert "conformance.banner" in {each.key for each in every}

    def test_of_a_limit_says_what_is_left(self, acme: Company):
        seats = Evaluation.model_validate(agree(acme, limits={"seats": 3}).call("POST", f"{ALL}/seats", body={}).json)
        assert seats.value == {"limit": 3, "used": 1, "remaining": 2, "hard": True}
        assert (seats.variant, seats.reason, seats.metadata["kind"]) == ("limit", "TARGETING_MATCH", "limit")
        assert str(seats.metadata["rule"]).startswith("override:")
        acme.member("viewer")
        assert acme.call("POST", f"{ALL}/seats", body={}).json["value"]["remaining"] == 1
        every = {each["key"]: each for each in acme.call("POST", ALL, body={}).json["flags"]}
        assert every["seats"]["value"]["used"] == 2

    def test_names_what_lifts_it_and_until_when_it_is_so(self):
        until = datetime(2027, 1, 1, tzinfo=UTC)
        decision = Decision(
            key="sso", kind="feature", value=False, variant="off", reason="STATIC", rule="fallback:free", until=until,
            lifts=("plan:pro", "add_on:support"),
        )  # fmt: skip
        assert shown(decision)["metadata"] == {
            "kind": "feature",
            "rule": "fallback:free",
            "until": "2027-01-01T00:00:00+00:00",
            "lifts": "plan:pro, add_on:support",
        }

    def test_of_a_feature_says_whether_it_is_included(self, acme: Company):
        found = Evaluation.model_validate(acme.call("POST", f"{ALL}/audit_export", body={}).json)
        assert (found.value, found.variant, found.reason) == (True, "on", "STATIC")
        assert found.metadata == {"kind": "feature", "rule": "fallback:free"}


class TestVersion:
    def ask(self, company: Company, known: str, **context: str) -> Answer:
        return company.call("POST", ALL, body={"context": context}, headers={"If-None-Match": known})

    def test_that_is_known_is_not_sent_again(self, acme: Company):
        first = acme.call("POST", ALL, body={})
        etag = first.headers["etag"]
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = self.ask(acme, known)
            assert (again.status, again.body, again.headers["etag"]) == (304, "", etag)
        for other in ('"other"', etag.strip('"'), ""):
            assert self.ask(acme, other).body == first.body

    def test_is_another_for_another_context(self, acme: Company):
        etag = acme.call("POST", ALL, body={}).headers["etag"]
        assert self.ask(acme, etag, country="CA").status == 200
        assert self.ask(acme, etag, country="FR").status == 304, "the control: it changes nothing"

    def test_is_another_once_something_changes(self, acme: Company, superuser: str):
        etag = acme.call("POST", ALL, body={}).headers["etag"]
        publish(superuser, CHANGED)
        assert self.ask(acme, etag).status == 200
        publish(superuser, *FLAGS)
        assert self.ask(acme, etag).status == 304, "the control: it is as it was"


class TestCaller:
    def test_is_nobody(self):
        assert call("POST", BANNER, body={}).status == 401

    @pytest.mark.parametrize("path", [BANNER, ALL])
    def test_is_refused_by_a_problem_that_clients_can_read(self, acme: Company, path: str):
        answer = call("POST", path, body={}, token="fh_test_nobody")
        assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
        assert (answer.json["errorCode"], answer.json["errorDetails"]) == ("GENERAL", answer.json["detail"])
        assert answer.json["status"] == 401

    def test_belongs_to_this_tenant(self, acme: Company, globex: Company):
        answer = acme.owner.call("POST", BANNER, body={}, headers={"Freehold-Tenant": str(globex.id)})
        assert (answer.status, answer.code, answer.json["errorCode"]) == (403, "not_a_member", "GENERAL")
        assert globex.call("POST", BANNER, body={}).status == 200, "the control"

    def test_of_several_tenants_names_one(self, people: People, acme: Company):
        people.company("Another", owner=acme.owner)
        failed = failure(acme.owner.call("POST", BANNER, body={}), 400)
        assert failed.errorCode == "GENERAL"
        assert failed.errorDetails.startswith("Name your tenant in the Freehold-Tenant header.")
        wrong = failure(acme.owner.call("POST", BANNER, body={}, headers={"Freehold-Tenant": "x"}), 400)
        assert wrong.errorCode == "GENERAL"

    def test_is_a_key_that_may(self, acme: Company):
        assert call("POST", BANNER, body={}, token=acme.key(SCOPE)["secret"]).status == 200
        answer = call("POST", BANNER, body={}, token=acme.key("projects:read")["secret"])
        assert (answer.status, answer.json["errorCode"]) == (403, "GENERAL")
