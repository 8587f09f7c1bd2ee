"""What a browser meets on a laptop: the deployed API answers its preflights, and tells a stranger nothing."""

import json

import httpx
import pytest

from infra import cors
from local.deployer import deploy
from local.template import API_ID
from tests.local import tiny_cloud

APP, STRANGER = "http://localhost:3000", "https://evil.example"
ANSWERS_TO_BROWSERS = "access-control-"


@pytest.fixture
def browse(emulator, tmp_path):
    """Asks as a browser's app of that origin does; `named` is what the stage names, None where it names nobody."""

    def deployed(named):
        out = tiny_cloud.write_stack(tmp_path)
        path = out / f"{tiny_cloud.STACK}.template.json"
        template = json.loads(path.read_text())
        if named is not None:
            template["Resources"]["Api"]["Properties"]["CorsConfiguration"] = cors.configuration(named)
        path.write_text(json.dumps(template))
        deploy(emulator, out, tiny_cloud.STACK)

        def ask(method, origin, **headers):
            url = f"{emulator.endpoint}/_aws/execute-api/{API_ID}/health"
            return httpx.request(method, url, headers={"origin": origin, **headers}, trust_env=False)

        return ask

    return deployed


def preflight(ask, origin, method="PATCH", headers="authorization,content-type,freehold-tenant,if-match"):
    asked = {"access-control-request-method": method, "access-control-request-headers": headers}
    return ask("OPTIONS", origin, **asked)


def told(answer):
    return {name for name in answer.headers if name.startswith(ANSWERS_TO_BROWSERS)}


class TestNamed:
    def test_is_told_what_it_may_ask(self, browse):
        answer = preflight(browse([APP]), APP)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == APP
        assert "PATCH" in answer.headers["access-control-allow-methods"].split(",")
        allowed = answer.headers["access-control-allow-headers"].split(",")
        assert {"authorization", "content-type", "freehold-tenant", "if-match"} <= set(allowed)
        assert answer.headers["access-control-max-age"] == "7200"

    def test_reads_the_answer_and_its_headers(self, browse):
        answer = browse([APP])("GET", APP)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, APP)
        assert {"etag", "ratelimit", "x-request-id"} <= set(answer.headers["access-control-expose-headers"].split(","))

    def test_is_never_asked_for_cookies(self, browse):
        assert "access-control-allow-credentials" not in preflight(browse([APP]), APP).headers

    def test_a_stranger_is_told_nothing(self, browse):
        ask = browse([APP])
        assert told(preflight(ask, STRANGER)) == set()
        assert told(ask("GET", STRANGER)) == set()

    def test_a_stranger_that_looks_like_it_is_told_nothing(self, browse):
        ask = browse([APP])
        for origin in (f"{APP}0", f"{APP}.evil.example", "https://localhost:3000", "null"):
            assert told(preflight(ask, origin)) == set()


class TestNobodyNamed:
    def test_an_app_on_any_port_of_this_machine_works(self, browse):
        ask = browse(None)
        for origin in ("http://localhost:3000", "http://localhost:49152", "http://127.0.0.1:5173"):
            assert preflight(ask, origin).headers["access-control-allow-origin"] == "*"
            assert ask("GET", origin).headers["access-control-allow-origin"] == "*"
