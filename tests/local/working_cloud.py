"""A product of two workers, synthesized and deployed like ours: one that events reach, one that the clock calls."""

import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from functions.declaration import Function, Queue, Schedule
from functions.manifest import AUTHORIZER, MIGRATIONS
from infra.node import use_bundled_node
from infra.options import Options
from infra.stage import SANDBOX
from local import aws
from local.deployer import deploy
from local.emulator import Emulator
from local.function_logs import function_logs
from local.project import ROOT
from tests.infra.conftest import make_tree, write

TAKES = Function(name="take", queue=Queue(name="webhooks", receives=2), events=("*",), timeout_seconds=1)
TICKS = Function(name="tick", schedule=Schedule(every="stage"), uses=("bus", "queues", "files"), timeout_seconds=5)
HANDLER = """
import json, os

def handler(event, context):
    print(json.dumps({"level": "INFO", "message": "called", "event": event, "endpoint": os.environ["AWS_ENDPOINT_URL"],
                      "told": {name: value for name, value in os.environ.items() if name.startswith("FREEHOLD_")}}))
    records = event.get("Records", [])
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in records if "bad" in r["body"]]}
"""
MIGRATES = """
from functions.migrations.answer import Answer

def handler(event, context):
    Answer(event).succeeded({})
"""
"""A double, which answers CloudFormation as ours does and needs no database."""

PARAMETERS = {
    "network/subnets": "subnet-1,subnet-2",
    "cell/pool/clients": "sg-1",
    "cell/pool/writer/conninfo": "host=127.0.0.1 dbname=freehold",
    "cell/pool/writer/resource": "cluster-1",
}
_STACKS = ("freehold-sandbox-schema", "freehold-sandbox-messaging", "freehold-sandbox-workers")
_PATIENCE = 60  # seconds: the clock of the emulator ticks every ten


class WorkingCloud:
    """The stacks around workers in an emulator, and what can be asked of them."""

    def __init__(self, emulator: Emulator, root: Path) -> None:
        self.emulator, out = emulator, _synthesized(root)
        for name, value in PARAMETERS.items():
            emulator.put_parameter(f"/freehold/sandbox/{name}", value)
        for stack in _STACKS:
            deploy(emulator, out, stack)

    def client(self, service: str) -> Any:
        return aws.session().client(service, **aws.at(self.emulator.endpoint))

    def parameter(self, name: str) -> str:
        return self.client("ssm").get_parameter(Name=f"/freehold/sandbox/messaging/{name}")["Parameter"]["Value"]

    def queue(self, purpose: str) -> str:
        return json.loads(self.parameter("queues"))[purpose]

    def publish(self, **detail: str) -> None:
        entry = {"Source": "freehold", "DetailType": "project.created", "EventBusName": self.parameter("bus")}
        answer = self.client("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
        assert answer["FailedEntryCount"] == 0

    def calls(self, function: str, mark: str = "") -> list[dict[str, Any]]:
        """What it was called with, where that holds the mark."""
        lines = [line for line in function_logs(self.emulator) if '"called"' in line and mark in line]
        return [call for call in map(json.loads, lines) if call["function"] == function]


def until[T](found: Callable[[], Sequence[T]]) -> Sequence[T]:
    """What is found, once it is."""
    deadline = time.monotonic() + _PATIENCE
    while not (there := found()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
    return there


def _synthesized(root: Path) -> Path:
    use_bundled_node()
    from infra.synth import synthesize  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    make_tree(root)
    for worker in (TAKES, TICKS):
        write(root / "functions" / worker.name / "handler.py", HANDLER)
    write(root / "functions" / "migrations" / "handler.py", MIGRATES)
    shutil.copy(ROOT / "functions/migrations/answer.py", root / "functions" / "migrations")
    options = Options(stage=SANDBOX, out=root / "cdk.out", architecture="host")
    synthesize(root, options, (AUTHORIZER, MIGRATIONS, TAKES, TICKS))
    return options.out
