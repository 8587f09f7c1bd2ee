"""`make invoke F=projects E=events/projects/create.json`: one handler, in this process, on the local database.

There is no emulator between you and the code, so a breakpoint works, and so does `python -m pdb -m local.invoke …`.
What the handler sends to AWS reaches the emulator of the running `make dev`, or else nobody.
"""

import argparse
import importlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.stage import stage_named
from local import aws, errors
from local.cloudformation import Receiver
from local.database import Database
from local.errors import LocalError
from local.function_host import deployed_environment
from local.inboxes import SENDER
from local.instance import find, only_one
from local.issuer import AUDIENCE
from local.lambda_context import Context
from local.postgres import Postgres
from local.project import DEV, ROOT
from local.stripe_double.service import SECRET_KEY, WEBHOOK_SECRET
from local.template import NEVER_SLEEPS
from product.plans import PLANS

_STAGE = "sandbox"
_SIGN_UP = "POST /v1/tenants"
_NO_ISSUER = "http://127.0.0.1:4567"
_NOBODY = "http://127.0.0.1:9"
_ONE_PASS = {"FREEHOLD_RELAY_STAYS": "0"}
"""The relay leaves again when it is done."""


def main() -> None:
    """Invoke, and print the answer."""
    parser = argparse.ArgumentParser(prog="freehold invoke", description=__doc__)
    parser.add_argument("function", help=f"one of {_names()}")
    parser.add_argument("event", help="a JSON file, as in events/projects/create.json")
    options = parser.parse_args()
    function = function_named(options.function)
    require_caller(function)
    event = read_event(function.code, options.event)
    require_route(function, event)
    with variables() as given:
        os.environ.update(given)
        introduce(event)
        print(pretty(invoke(function, event)))


def invoke(function: Function, event: dict[str, Any]) -> object:
    """Call the handler with the context that Lambda would give it; what it answers, or what CloudFormation hears."""
    handler = importlib.import_module(f"functions.{function.code}.handler").handler
    context = Context.in_process(function.name, timeout_seconds=function.timeout_seconds)
    return _deployment(handler, event, context) if "ResourceProperties" in event else handler(event, context)


def _deployment(handler: Callable[[dict[str, Any], Context], None], event: dict[str, Any], context: Context) -> object:
    """What CloudFormation hears."""
    event["ResourceProperties"].pop("Version", None)
    with Receiver() as cloudformation:
        handler(event | {"ResponseURL": cloudformation.url}, context)
    return cloudformation.answers[-1]


def introduce(event: dict[str, Any]) -> None:
    """Sign up the person of an event who belongs nowhere yet, so that the event finds a tenant to act in."""
    who = event.get("requestContext", {}).get("authorizer", {}).get("lambda", {})
    if who.get("kind") != "person" or event["routeKey"] == _SIGN_UP:
        return
    tenants = function_named("tenants")
    for name in ("list_mine", "sign_up"):
        step = read_event("tenants", f"events/tenants/{name}.json")
        step["requestContext"]["authorizer"]["lambda"] = who
        answer = invoke(tenants, step)
        if isinstance(answer, dict) and json.loads(answer["body"]).get("items"):
            return


def require_caller(function: Function) -> None:
    """Whatever the function asks while it runs has to be on this machine."""
    if function.on_deploy == "checks":
        raise LocalError(
            f"{function.name} asks CodeDeploy what is being deployed, and no CodeDeploy is on this machine."
            f" `freehold test tests/functions/test_{function.name}.py` runs it with answers of CodeDeploy's own form."
        )


def require_route(function: Function, event: dict[str, Any]) -> None:
    """An HTTP event belongs to one function."""
    route = event.get("routeKey")
    if function.routes and route not in function.routes:
        raise LocalError(
            f"That event is for {route}, which is none of {function.name}'s routes: {', '.join(function.routes)}."
        )


def function_named(name: str) -> Function:
    """From the manifest."""
    for function in FUNCTIONS:
        if function.name == name:
            return function
    raise LocalError(f"There is no function {name!r}; there are {_names()}.")


def read_event(function: str, given: str, *, root: Path = ROOT) -> dict[str, Any]:
    """The event in a file, which is looked for from here and from the project's folder."""
    path = next((path for path in (Path(given), root / given) if path.is_file()), None)
    if path is None:
        there = sorted(str(path.relative_to(root)) for path in (root / "events" / function).glob("*.json"))
        raise LocalError(f"There is no event {given}; for {function} there are {', '.join(there) or 'none yet'}.")
    try:
        event: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise LocalError(f"{path} is not JSON: {error}.") from None
    return event


def pretty(result: object) -> str:
    """A response as a person reads it: its body is JSON within JSON, and is shown as JSON."""
    match result:
        case {"body": str(body), **rest} if body.startswith(("{", "[")):
            shown: object = {**rest, "body": json.loads(body)}
        case _:
            shown = result
    return json.dumps(shown, indent=2, ensure_ascii=False)


@contextmanager
def variables() -> Iterator[dict[str, str]]:
    """What the deployed functions have, all of it. Uses the running `make dev`, or starts its database."""
    if instance := find():
        emulator = instance.url.partition("/_aws/")[0]
        yield deployed_environment(emulator) | _ONE_PASS | aws_at(emulator)
        return
    with only_one(), Postgres(DEV / "postgres") as server:
        database = Database(server)
        database.prepare(PLANS)
        yield environment(database.conninfo, _NO_ISSUER, _STAGE) | aws_at(_NOBODY)


def aws_at(endpoint: str) -> dict[str, str]:
    """The way to AWS as a function has it: there, and to nobody's real account."""
    region = {"AWS_REGION": aws.REGION, "AWS_DEFAULT_REGION": aws.REGION}
    return aws.CREDENTIALS | aws.NO_ACCOUNT | region | {"AWS_ENDPOINT_URL": endpoint}


def environment(database: str, issuer: str, stage: str) -> dict[str, str]:
    """The variables of all functions together, as infra declares them; what messaging makes has a name here only."""
    queues = {function.queue.name: f"{_NOBODY}/{function.queue.name}" for function in FUNCTIONS if function.queue}
    return _ONE_PASS | {
        "FREEHOLD_STAGE": stage,
        "FREEHOLD_WORKERS_AT_ONCE": str(stage_named(stage).workers_at_once),
        "FREEHOLD_DATABASE": database,
        "FREEHOLD_READ_DATABASE": database,
        "FREEHOLD_BUS": f"freehold-{stage}",
        "FREEHOLD_QUEUES": json.dumps(queues),
        "FREEHOLD_FILES": "files",
        "FREEHOLD_ANCHORS": "anchors",
        "FREEHOLD_MAIL_FROM": SENDER,
        "FREEHOLD_PUBLIC_URL": _NOBODY,
        "FREEHOLD_STRIPE": json.dumps({"secret_key": SECRET_KEY, "webhook_secrets": [WEBHOOK_SECRET], "api": _NOBODY}),
        "FREEHOLD_ISSUERS": json.dumps([{"issuer": issuer, "audience": AUDIENCE}]),
        "FREEHOLD_KEY_MODE": stage_named(stage).key_mode,
        "FREEHOLD_SLEEPER": NEVER_SLEEPS,
        "POWERTOOLS_SERVICE_NAME": "freehold",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def _names() -> str:
    return ", ".join(function.name for function in FUNCTIONS)


if __name__ == "__main__":
    errors.run(main)
