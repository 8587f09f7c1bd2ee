"""What a deploy asks of a new version, and what it makes of the answer."""

import importlib
import io
import json
import sys

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from freehold import releases
from freehold.database import Database, checking
from freehold.errors import Unavailable
from functions.manifest import FUNCTIONS
from local.gateway import call
from local.lambda_context import Context

RELEASED = [function for function in FUNCTIONS if function.stack in ("api", "workers")]
ASK = {"check_release": "12"}
ONLY_ASKS_FOR_ONE = {"report"}
"""A role that reads a copy, in functions that log in as another one first."""
HOOK = {"DeploymentId": "d-ABC", "LifecycleEventHookExecutionId": "e-1"}


def answer_of(function):
    handler = importlib.import_module(f"functions.{function.code}.handler").handler
    return handler(dict(ASK), Context.in_process(f"freehold-test-{function.name}", timeout_seconds=30))


@pytest.fixture
def hook(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    module = importlib.import_module("functions.check_release.handler")
    with Stubber(module.DEPLOY) as deploy, Stubber(module.LAMBDA) as functions:
        yield module, deploy, functions
        deploy.assert_no_pending_responses()
        functions.assert_no_pending_responses()


def being_released(deploy, *released):
    """CodeDeploy says what is being released."""
    ids = [f"{name}:live" for name, _ in released]
    deploy.add_response("list_deployment_targets", {"targetIds": ids}, {"deploymentId": "d-ABC"})
    targets = [
        {
            "deploymentTargetType": "LambdaTarget",
            "lambdaTarget": {
                "lambdaFunctionInfo": {"functionName": name, "currentVersion": "11", "targetVersion": version}
            },
        }
        for name, version in released
    ]
    deploy.add_response(
        "batch_get_deployment_targets",
        {"deploymentTargets": targets},
        {"deploymentId": "d-ABC", "targetIds": ids},
    )


def answers(functions, said, *, name="freehold-launch-health", version="12", error=None):
    """Lambda hands over what the version answers."""
    body = json.dumps(said).encode()
    answer = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body))}
    expected = {"FunctionName": name, "Qualifier": version, "Payload": json.dumps({"check_release": version}).encode()}
    functions.add_response("invoke", answer | ({"FunctionError": error} if error else {}), expected)


def hears(deploy, status):
    """CodeDeploy is told."""
    deploy.add_response(
        "put_lifecycle_event_hook_execution_status",
        {},
        {"deploymentId": "d-ABC", "lifecycleEventHookExecutionId": "e-1", "status": status},
    )


class TestVersion:
    @pytest.mark.parametrize("function", RELEASED, ids=lambda function: function.name)
    def test_enters_its_database_as_each_of_its_roles(self, stage, monkeypatch, function):
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        monkeypatch.delitem(sys.modules, "functions.relay.handler", raising=False)  # it finds the bus when it loads
        roles = {function.database, *function.also} - {None} - ONLY_ASKS_FOR_ONE
        said = set(answer_of(function)["checked"])
        monkeypatch.delitem(sys.modules, "functions.relay.handler", raising=False)
        assert said >= {f"freehold_{role}" for role in roles}

    def test_that_does_not_reach_it_raises(self, stage, monkeypatch):
        monkeypatch.setattr(checking, "database", lambda _: Database("host=127.0.0.1 port=1 dbname=x user=x"))
        with pytest.raises(Unavailable):
            releases.check("freehold_system")

    @pytest.mark.parametrize("role", ["freehold_api", "freehold_worker"])
    def test_whose_door_lets_nobody_in_by_mistake_raises(self, stage, monkeypatch, role):
        class Open:
            def one(self, *_):
                return (1,)

            def working(self, _):
                return self

        monkeypatch.setattr(checking, "database", lambda _: Open())
        with pytest.raises(checking.DoorOpen):
            releases.check(role)

    def test_without_a_database_has_none_to_enter(self, stage, monkeypatch):
        monkeypatch.setattr(releases, "settings", lambda: type("Settings", (), {"database": ""}))
        assert releases.check("freehold_api") == {"checked": []}

    def test_is_asked_by_no_request(self, stage):
        asked = call("GET", "/health", query={"check_release": "1"}, headers={"check_release": "1"})
        assert (asked.status, asked.json) == (200, {"status": "ok"})


class TestHook:
    def test_says_yes_where_all_reach_their_database(self, hook):
        module, deploy, functions = hook
        being_released(deploy, ("freehold-launch-health", "12"), ("freehold-launch-relay", "7"))
        answers(functions, {"checked": ["freehold_api"]})
        answers(functions, {"checked": ["freehold_system"]}, name="freehold-launch-relay", version="7")
        hears(deploy, "Succeeded")
        module.handler(HOOK, None)

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            ({"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named 'x'"}, "Unhandled"),
            ({"errorType": "Unavailable", "errorMessage": "…"}, "Unhandled"),
            ({"statusCode": 200}, None),
            (None, None),
            ("checked", None),
        ],
    )
    def test_says_no_where_one_does_not(self, hook, said, error):
        module, deploy, functions = hook
        being_released(deploy, ("freehold-launch-health", "12"))
        answers(functions, said, error=error)
        hears(deploy, "Failed")
        module.handler(HOOK, None)

    def test_says_no_where_it_cannot_ask(self, hook):
        module, deploy, functions = hook
        being_released(deploy, ("freehold-launch-health", "12"))
        functions.add_client_error("invoke", "TooManyRequestsException")
        hears(deploy, "Failed")
        module.handler(HOOK, None)

    def test_says_no_where_nothing_is_released(self, hook):
        module, deploy, _ = hook
        being_released(deploy)
        hears(deploy, "Failed")
        module.handler(HOOK, None)
