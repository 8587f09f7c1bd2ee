"""One handler, in process: what is asked for is found, or what there is is said."""

import json

import pytest

from functions.manifest import CHECK_RELEASE, FUNCTIONS
from local.errors import LocalError
from local.invoke import environment, function_named, invoke, pretty, read_event, require_caller
from local.project import ROOT
from local.synthesis import Synthesis
from local.template import NEVER_SLEEPS, SLEEPER


class TestWhatIsAskedFor:
    def test_an_unknown_function_lists_those_there_are(self):
        with pytest.raises(LocalError, match="There is no function 'nope'; there are authorizer, health"):
            function_named("nope")

    def test_an_unknown_event_lists_those_there_are(self, tmp_path):
        (tmp_path / "events" / "projects").mkdir(parents=True)
        (tmp_path / "events" / "projects" / "mine.json").write_text("{}")
        with pytest.raises(LocalError, match=r"for projects there are events/projects/mine\.json\.$"):
            read_event("projects", "events/projects/nope.json", root=tmp_path)
        assert read_event("projects", "events/projects/mine.json", root=tmp_path) == {}

    def test_an_event_that_is_not_json_says_where(self, tmp_path):
        (tmp_path / "bad.json").write_text("{")
        with pytest.raises(LocalError, match=r"bad\.json is not JSON"):
            read_event("projects", str(tmp_path / "bad.json"))

    def test_a_function_that_asks_what_is_not_here_says_how_it_is_run(self):
        with pytest.raises(LocalError, match=r"freehold test tests/functions/test_check_release\.py"):
            require_caller(CHECK_RELEASE)
        assert (ROOT / "tests/functions/test_check_release.py").exists()
        require_caller(function_named("relay"))


class TestAnswer:
    def test_a_body_is_shown_as_json(self):
        assert json.loads(pretty({"statusCode": 200, "body": '{"a": 1}'})) == {"statusCode": 200, "body": {"a": 1}}

    @pytest.mark.parametrize("result", [{"isAuthorized": True}, {"body": "text"}, None])
    def test_anything_else_is_shown_as_it_is(self, result):
        assert json.loads(pretty(result)) == result

    def test_a_handler_gets_a_context(self, stage):
        health = function_named("openapi")
        event = {
            "version": "2.0",
            "routeKey": "GET /openapi.json",
            "rawPath": "/openapi.json",
            "rawQueryString": "",
            "headers": {},
            "requestContext": {"requestId": "r", "http": {"method": "GET", "path": "/openapi.json"}},
            "isBase64Encoded": False,
        }
        assert invoke(health, event)["statusCode"] == 200


class TestEnvironment:
    def test_is_that_of_the_deployed_functions(self):
        synthesis = Synthesis("sandbox", mode="working-tree")
        synthesis.start()
        synthesis.wait()
        templates = [json.loads((synthesis.out / f"{stack}.template.json").read_text()) for stack in synthesis.stacks()]
        resources = [resource for template in templates for resource in template["Resources"].values()]
        functions = [resource for resource in resources if resource["Type"] == "AWS::Lambda::Function"]
        declared = {}
        for function in functions:
            declared |= function["Properties"].get("Environment", {}).get("Variables", {})
        ours = environment("host=127.0.0.1", "http://127.0.0.1:1", "sandbox")
        assert set(ours) == set(declared)
        written = {name: value for name, value in declared.items() if isinstance(value, str)}
        written[SLEEPER] = NEVER_SLEEPS
        assert {name: ours[name] for name in written} == written
        delivered = [declared for declared in FUNCTIONS if declared.stack == "delivery"]  # from launch on
        assert len(functions) == len(FUNCTIONS) - len(delivered)
