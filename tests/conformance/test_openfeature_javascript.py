"""What the JavaScript SDKs of OpenFeature and their providers for OFREP make of our answers, on servers and beyond."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.decided import CHANGED, FLAGS, TOO_LONG, UNKNOWN, Product, publish
from tests.conformance.openfeature.javascript import Javascript, javascript

CLOSED = "http://127.0.0.1:1"
BANNER = {"kind": "boolean", "key": "conformance.banner", "otherwise": False}
THEME = {"kind": "string", "key": "conformance.theme", "otherwise": "none"}
NAMES = map(str, count())
VALUES = [
    ("boolean", "conformance.banner", False, True, "on"),
    ("string", "conformance.theme", "none", "light", "light"),
    ("number", "conformance.page-size", 1, 25, "small"),
    ("number", "conformance.discount", 1, 0.25, "some"),
    ("object", "conformance.layout", {}, {"columns": 3, "labels": ["a", "b"]}, "wide"),
]

type Opening = Callable[..., str]


@pytest.fixture(scope="module")
def node(packages: Path) -> Iterator[Javascript]:
    with javascript(packages) as node:
        yield node


@pytest.fixture
def opening(node: Javascript, product: Product) -> Iterator[Opening]:
    """Opens a client of its own, by default of a server; answers with its name."""
    names = []

    def opened(url: str = product.url, headers: dict[str, str] = product.headers, **told: Any) -> str:
        names.append(next(NAMES))
        node("open", names[-1], url=url, headers=headers, **told)
        return names[-1]

    yield opened
    for name in names:
        node("close", name)


@pytest.fixture
def asked(node: Javascript, opening: Opening) -> Callable[..., dict[str, Any]]:
    """What a server's client makes of one question."""
    name = opening()
    return lambda **question: node("ask", name, **question)


class TestServer:
    @pytest.mark.parametrize(("kind", "key", "otherwise", "value", "variant"), VALUES)
    def test_a_value_of_each_kind_arrives(self, asked, kind, key, otherwise, value, variant):
        details = asked(kind=kind, key=key, otherwise=otherwise)
        assert (details["value"], details["variant"]) == (value, variant)
        assert "errorCode" not in details

    @pytest.mark.parametrize(
        ("kind", "key", "otherwise"),
        [
            ("string", "conformance.banner", "none"),
            ("boolean", "conformance.theme", True),
            ("object", "conformance.page-size", {"a": 1}),
            ("number", "conformance.layout", 7),
        ],
    )
    def test_one_of_another_kind_is_the_callers_own(self, asked, kind, key, otherwise):
        details = asked(kind=kind, key=key, otherwise=otherwise)
        assert (details["value"], details["errorCode"]) == (otherwise, "TYPE_MISMATCH")

    def test_one_of_an_unknown_flag_is_the_callers_own(self, asked):
        details = asked(**BANNER | {"key": UNKNOWN, "otherwise": True})
        assert (details["value"], details["errorCode"]) == (True, "FLAG_NOT_FOUND")
        assert details["errorMessage"] == "There is no flag, feature or limit with this key."

    def test_one_of_a_flag_that_is_off_is_its_own(self, asked):
        details = asked(**BANNER | {"key": "conformance.killed", "otherwise": True})
        assert (details["value"], details["variant"], details["reason"]) == (False, "off", "DISABLED")

    def test_the_rule_that_holds_is_handed_through(self, asked):
        details = asked(**THEME, context={"targetingKey": "user_0001", "country": "CA"})
        assert (details["value"], details["variant"], details["reason"]) == ("dark", "dark", "TARGETING_MATCH")
        assert details["flagMetadata"] == {"kind": "flag", "rule": "flag:conformance.theme/rule:canada"}
        assert asked(**THEME, context={"country": "FR"})["reason"] == "DEFAULT"

    def test_a_context_that_is_refused_leaves_the_callers_own_value(self, asked):
        details = asked(**BANNER, context=TOO_LONG)
        assert (details["value"], details["errorCode"]) == (False, "INVALID_CONTEXT")
        assert details["errorMessage"] == "The attribute `note` is longer than 1000 characters."

    def test_a_token_that_is_refused_leaves_the_callers_own_value(self, node, opening):
        name = opening(headers={"Authorization": "Bearer fh_test_nobody"})
        details = node("ask", name, **BANNER)
        assert (details["value"], details["errorCode"]) == (False, "GENERAL")
        assert node("statuses", name)["statuses"] == [401]

    def test_haste_is_waited_out(self, slow_product, node, opening):
        name = opening(headers=slow_product.headers)
        assert node("ask", name, **BANNER)["value"] is True
        refused = node("ask", name, **BANNER)
        assert (refused["value"], refused["errorCode"]) == (False, "GENERAL")
        waiting = node("ask", name, **BANNER)
        assert "paused due to TooManyRequests" in waiting["errorMessage"]
        assert node("statuses", name)["statuses"] == [200, 429], "it has not asked again"
        time.sleep(1.05)
        assert node("ask", name, **BANNER)["value"] is True
        assert node("statuses", name)["statuses"] == [200, 429, 200]

    def test_where_nobody_answers_the_callers_own_value_stands(self, node, opening):
        details = node("ask", opening(url=CLOSED), **BANNER | {"otherwise": True})
        assert (details["value"], details["reason"], details["errorCode"]) == (True, "ERROR", "GENERAL")


class TestBrowser:
    @pytest.mark.parametrize(("kind", "key", "otherwise", "value", "variant"), VALUES)
    def test_a_value_of_each_kind_arrives(self, node, opening, kind, key, otherwise, value, variant):
        details = node("ask", opening(web=True), kind=kind, key=key, otherwise=otherwise)
        assert (details["value"], details["variant"]) == (value, variant)

    def test_one_of_another_kind_is_the_callers_own(self, node, opening):
        details = node("ask", opening(web=True), **THEME | {"key": "conformance.banner"})
        assert (details["value"], details["errorCode"]) == ("none", "TYPE_MISMATCH")

    def test_one_of_an_unknown_flag_is_the_callers_own(self, node, opening):
        details = node("ask", opening(web=True), **BANNER | {"key": UNKNOWN, "otherwise": True})
        assert (details["value"], details["errorCode"]) == (True, "FLAG_NOT_FOUND")

    def test_all_are_asked_for_at_once(self, node, opening):
        name = opening(web=True)
        for question in (BANNER, THEME, BANNER | {"key": "conformance.killed"}):
            node("ask", name, **question)
        assert node("statuses", name)["statuses"] == [200]

    def test_another_context_is_asked_with(self, node, opening):
        name = opening(web=True, context={"targetingKey": "user_0001", "country": "FR"})
        assert node("ask", name, **THEME)["value"] == "light"
        node("context", name, context={"targetingKey": "user_0001", "country": "CA"})
        assert (node("ask", name, **THEME)["value"], node("statuses", name)["statuses"]) == ("dark", [200, 200])

    def test_nothing_is_sent_again_until_something_changes(self, superuser, node, opening):
        name = opening(web=True, poll=40)
        assert node("seen", name, status=304, times=3)["statuses"][:4] == [200, 304, 304, 304]
        publish(superuser, CHANGED)
        node("changed", name, key="conformance.banner")
        publish(superuser, *FLAGS)
        assert node("ask", name, **THEME)["value"] == "light", "the others are as they were"

    def test_what_is_known_lasts_while_haste_is_waited_out(self, slow_product, node, opening):
        name = opening(web=True, poll=40, headers=slow_product.headers)
        assert node("seen", name, status=429, times=1)["statuses"] == [200, 429]
        time.sleep(0.2)
        assert node("statuses", name)["statuses"] == [200, 429], "it does not ask before it may"
        assert node("ask", name, **BANNER)["value"] is True

    @pytest.mark.parametrize(
        ("told", "state"),
        [
            ({"headers": {"Authorization": "Bearer fh_test_nobody"}}, "FATAL"),
            ({"url": CLOSED}, "ERROR"),
            ({"context": TOO_LONG}, "ERROR"),
        ],
        ids=["a token is refused", "nobody answers", "a context is refused"],
    )
    def test_where_it_cannot_begin_the_callers_own_value_stands(self, node, product, told, state):
        name = next(NAMES)
        begun = node("open", name, **{"web": True, "url": product.url, "headers": product.headers} | told)
        assert (begun["state"], bool(begun["failed"])) == (state, True)
        assert node("ask", name, **BANNER | {"otherwise": True})["value"] is True
