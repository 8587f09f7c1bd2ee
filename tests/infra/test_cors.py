"""CORS in the template: nobody where nobody is named, then exactly those; and all that our API reads and says."""

import json
import re

import pytest

from infra import cors
from infra.cors import read_origins
from infra.errors import SynthesisError
from infra.stage import STAGES
from tests.infra.conftest import ROOT
from tests.infra.templates import only

ORIGINS = ("https://app.acme.com", "http://localhost:3000")
NO_CONTROLS = {"webhook-id", "webhook-timestamp", "webhook-signature"}
"""Headers in our OpenAPI document of requests that we send."""


@pytest.fixture(scope="module")
def chosen(tree, synthesize):
    """What the API says of CORS where origins are named."""
    template = synthesize(tree, code="placeholder", origins=ORIGINS)["gateway"]
    return only(template, "AWS::ApiGatewayV2::Api")["CorsConfiguration"]


def declared():
    """Names of headers that requests may have, and that answers have, by the OpenAPI document."""
    asked, answered = set(), set()
    pending = [json.loads((ROOT / "functions/openapi/openapi.json").read_text())]
    while pending:
        match pending.pop():
            case {**members}:
                asked |= {members["name"].lower()} if members.get("in") == "header" else set()
                headers = members.get("headers")
                answered |= {name.lower() for name in headers} if isinstance(headers, dict) else set()
                pending += members.values()
            case [*members]:
                pending += members
            case _:
                pass
    return asked - NO_CONTROLS, answered


def set_by_us():
    """Names of headers that our code sets, as it writes them."""
    code = "\n".join(path.read_text() for folder in ("functions", "layers") for path in (ROOT / folder).rglob("*.py"))
    return {name.lower() for name in re.findall(r'headers\["([A-Za-z-]+)"\] = ', code)}


class TestTemplate:
    def test_lets_nobody_in_where_nobody_is_named(self, stacks):
        assert "CorsConfiguration" not in only(stacks["gateway"], "AWS::ApiGatewayV2::Api")

    def test_lets_those_in_who_are(self, chosen):
        assert chosen["AllowOrigins"] == list(ORIGINS)

    def test_takes_no_cookies(self, chosen):
        assert "AllowCredentials" not in chosen

    def test_names_no_wildcard(self, chosen):
        assert "*" not in json.dumps(chosen)

    def test_allows_the_methods_of_our_routes(self, chosen):
        assert chosen["AllowMethods"] == ["DELETE", "GET", "PATCH", "POST", "PUT"]

    def test_allows_what_the_api_reads(self, chosen):
        asked, _ = declared()
        assert {"if-match", "idempotency-key", "freehold-tenant"} <= asked, "the control"
        assert asked <= set(chosen["AllowHeaders"])
        assert {"authorization", "content-type", "x-correlation-id"} <= set(chosen["AllowHeaders"])

    def test_shows_what_the_api_says(self, chosen):
        _, answered = declared()
        assert {"ratelimit", "retry-after"} <= answered, "the control"
        assert "etag" in set_by_us(), "the control"
        assert answered | set_by_us() <= set(chosen["ExposeHeaders"])

    def test_is_written_as_infra_says_it(self, chosen):
        assert chosen == cors.configuration(ORIGINS)


class TestOrigins:
    @pytest.mark.parametrize(
        "origin",
        [
            "https://app.acme.com",
            "https://app.acme.com:8443",
            "https://xn--caf-dma.example",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:5173",
        ],
    )
    def test_are_taken_as_browsers_send_them(self, origin):
        assert read_origins({"launch": [origin]}, "launch") == (origin,)

    @pytest.mark.parametrize(
        "origin",
        [
            "*",
            "https://*",
            "https://*.acme.com",
            "null",
            "",
            "https://",
            "app.acme.com",
            "http://app.acme.com",
            "http://localhost.acme.com",
            "http://localhost:80",
            "https://app.acme.com:443",
            "https://app.acme.com:",
            "https://app.acme.com:0",
            "https://app.acme.com/",
            "https://app.acme.com/app",
            "https://App.acme.com",
            "https://app.acme.com ",
            "https://app.acme.com\n",
            "https://me@app.acme.com",
            "https://app..acme.com",
            "https://-app.acme.com",
            7,
            None,
        ],
    )
    def test_that_no_browser_sends_are_refused_in_a_sentence(self, origin):
        with pytest.raises(SynthesisError, match=r"origins cannot hold .*: write each as a browser sends it"):
            read_origins({"launch": [origin]}, "launch")

    def test_of_a_stage_that_does_not_exist_are_refused(self):
        with pytest.raises(SynthesisError, match="origins names no stage with 'lunch'"):
            read_origins({"lunch": ["https://app.acme.com"]}, "launch")

    @pytest.mark.parametrize("given", [7, ["https://app.acme.com"], {"launch": "https://app.acme.com"}, {"launch": {}}])
    def test_that_are_no_list_for_each_stage_are_refused(self, given):
        with pytest.raises(SynthesisError, match="origins is a list for each stage"):
            read_origins(given, "launch")

    def test_are_of_their_stage_alone(self):
        assert read_origins({"launch": ["https://app.acme.com"]}, "sandbox") == ()

    def test_come_from_the_cli_for_the_stage_at_hand(self):
        assert read_origins(",".join(ORIGINS), "growth") == ORIGINS

    @pytest.mark.parametrize("stage", STAGES)
    def test_are_none_until_a_person_names_some(self, stage):
        context = json.loads((ROOT / "cdk.json").read_text())["context"]
        assert read_origins(context["origins"], stage) == ()
