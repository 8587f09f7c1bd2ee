"""What the Python SDK of OpenFeature and its provider for OFREP make of our answers."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

from tests.conformance.decided import TOO_LONG, UNKNOWN, Product

CLOSED = "http://127.0.0.1:1"
CANADIAN = EvaluationContext("user_0001", {"country": "CA"})

type Asking = Callable[..., OpenFeatureClient]


@pytest.fixture
def asking(product: Product) -> Iterator[Asking]:
    """A client of its own for each provider; `statuses` of the client are what the product has answered."""
    providers: list[OFREPProvider] = []

    def made(url: str = product.url, key: str = product.key) -> OpenFeatureClient:
        provider = OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {key}"})
        providers.append(provider)
        domain = str(len(providers))
        api.set_provider(provider, domain)
        client = api.get_client(domain)
        client.statuses = []
        provider.session.hooks["response"].append(lambda answer, **_: client.statuses.append(answer.status_code))
        return client

    yield made
    api.clear_providers()
    for provider in providers:
        provider.session.close()


@pytest.fixture
def client(asking: Asking) -> OpenFeatureClient:
    return asking()


class TestValue:
    @pytest.mark.parametrize(
        ("kind", "key", "otherwise", "value", "variant"),
        [
            ("boolean", "conformance.banner", False, True, "on"),
            ("string", "conformance.theme", "none", "light", "light"),
            ("integer", "conformance.page-size", 1, 25, "small"),
            ("float", "conformance.discount", 1.0, 0.25, "some"),
            ("float", "conformance.share", 0.0, 1.0, "all"),
            ("object", "conformance.layout", {}, {"columns": 3, "labels": ["a", "b"]}, "wide"),
        ],
    )
    def test_of_each_kind_arrives(self, client, kind: str, key: str, otherwise: Any, value: Any, variant: str):
        details = getattr(client, f"get_{kind}_details")(key, otherwise)
        assert (details.value, details.variant, details.error_code) == (value, variant, None)

    @pytest.mark.parametrize(
        ("kind", "key", "otherwise"),
        [
            ("string", "conformance.banner", "none"),
            ("boolean", "conformance.theme", True),
            ("object", "conformance.page-size", {"a": 1}),
            ("integer", "conformance.layout", 7),
        ],
    )
    def test_of_another_kind_is_the_callers_own(self, client, kind: str, key: str, otherwise: Any):
        details = getattr(client, f"get_{kind}_details")(key, otherwise)
        assert (details.value, details.error_code) == (otherwise, ErrorCode.TYPE_MISMATCH)
        assert (details.reason, client.statuses) == (Reason.ERROR, [200])

    def test_of_an_unknown_flag_is_the_callers_own(self, client):
        details = client.get_boolean_details(UNKNOWN, default_value=True)
        assert (details.value, details.reason, details.error_code) == (True, Reason.ERROR, ErrorCode.FLAG_NOT_FOUND)
        assert details.error_message == "There is no flag, feature or limit with this key."

    def test_of_a_flag_that_is_off_is_its_own(self, client):
        details = client.get_boolean_details("conformance.killed", default_value=True)
        assert (details.value, details.variant, details.reason) == (False, "off", Reason.DISABLED)


class TestReason:
    def test_is_the_rule_that_holds(self, client):
        details = client.get_string_details("conformance.theme", "none", CANADIAN)
        assert (details.value, details.variant, details.reason) == ("dark", "dark", Reason.TARGETING_MATCH)
        assert details.flag_metadata == {"kind": "flag", "rule": "flag:conformance.theme/rule:canada"}

    def test_is_what_is_served_otherwise(self, client):
        details = client.get_string_details("conformance.theme", "none", EvaluationContext("user_0001"))
        assert (details.value, details.reason) == ("light", Reason.DEFAULT)
        assert details.flag_metadata["rule"] == "flag:conformance.theme/otherwise"

    def test_is_static_where_there_are_no_rules(self, client):
        assert client.get_boolean_details("conformance.banner", default_value=False).reason == Reason.STATIC

    def test_is_a_share_which_stays(self, client):
        users = [EvaluationContext(f"user_{number}") for number in range(12)]
        first, again = ([client.get_string_details("conformance.half", "", user) for user in users] for _ in "12")
        assert {details.value for details in first} == {"left", "right"}
        assert {details.reason for details in first} == {Reason.SPLIT}
        assert [details.value for details in first] == [details.value for details in again]


class TestContext:
    def test_of_objects_can_be_asked_for_by_their_path(self, client):
        crew = EvaluationContext("user_0001", {"team": {"name": "crew"}})
        assert client.get_string_value("conformance.theme", "none", crew) == "dark"

    def test_says_nothing_of_what_we_know_ourselves(self, client):
        pretender = EvaluationContext("user_0001", {"plan": "nobody's"})
        assert client.get_string_value("conformance.theme", "none", pretender) == "light"

    def test_that_is_refused_leaves_the_callers_own_value(self, client):
        details = client.get_string_details("conformance.theme", "none", EvaluationContext("user_0001", TOO_LONG))
        assert (details.value, details.error_code) == ("none", ErrorCode.INVALID_CONTEXT)
        assert details.error_message == "The attribute `note` is longer than 1000 characters."


class TestRefusal:
    def test_of_a_token_leaves_the_callers_own_value(self, asking: Asking):
        client = asking(key="fh_test_nobody")
        details = client.get_boolean_details("conformance.banner", default_value=False)
        assert (details.value, details.error_code, client.statuses) == (False, ErrorCode.GENERAL, [401])
        assert details.error_message == "unauthorized"

    def test_for_haste_is_waited_out(self, slow_product: Product, asking: Asking):
        client = asking(key=slow_product.key)
        assert client.get_boolean_value("conformance.banner", default_value=False) is True
        refused = client.get_boolean_details("conformance.banner", default_value=False)
        assert (refused.value, refused.error_code) == (False, ErrorCode.GENERAL)
        assert refused.error_message == "Rate limited, retry after: 1"
        waiting = client.get_boolean_details("conformance.banner", default_value=False)
        assert (waiting.value, client.statuses) == (False, [200, 429]), "it has not asked again"
        time.sleep(1.05)
        assert client.get_boolean_value("conformance.banner", default_value=False) is True
        assert client.statuses == [200, 429, 200]

    def test_where_nobody_answers_leaves_the_callers_own_value(self, asking: Asking):
        client = asking(url=CLOSED)
        details = client.get_boolean_details("conformance.banner", default_value=True)
        assert (details.value, details.reason, details.error_code) == (True, Reason.ERROR, ErrorCode.GENERAL)
        assert client.statuses == []
