"""The cells of a deployed stage, each asked through the function that alone can reach its database.

Which cells there are stands in the parameters `/freehold/<stage>/cell/<cell>/…`, which the cell's stack writes.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from freehold.database.migrations.failures import MigrationFailed
from freehold.database.migrations.files import Phase
from functions.manifest import MIGRATIONS, migrations_of
from local.errors import LocalError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_ssm import SSMClient

LOOK_EVERY = 3.0  # seconds


@dataclass(frozen=True, slots=True)
class StageCell:
    """One of a deployed stage."""

    name: str
    stage: str
    function: str
    client: "LambdaClient"

    def missing(self, phase: Phase) -> list[dict[str, Any]]:
        """As its function sees it. Raises MigrationFailed."""
        found: list[dict[str, Any]] = self._ask("plan", phase)["missing"]
        return found

    def migrate(self, phase: Phase, tell: Callable[[str], None]) -> list[str]:
        """Waits for the function, and tells meanwhile what is left to do. Raises MigrationFailed."""
        answer: Future[list[str]] = Future()
        threading.Thread(target=self._migrate, args=(phase, answer), daemon=True).start()
        try:
            self._tell_progress(answer, phase, tell)
        except KeyboardInterrupt:
            tell(f"It goes on in AWS: `freehold migrate --stage {self.stage} --plan` shows how far.")
            raise
        return answer.result()

    def _migrate(self, phase: Phase, answer: Future[list[str]]) -> None:
        try:
            answer.set_result(self._ask("migrate", phase)["applied"])
        except BaseException as error:  # noqa: BLE001 (whoever waits for the answer hears of whatever it is)
            answer.set_exception(error)

    def _tell_progress(self, answer: Future[list[str]], phase: Phase, tell: Callable[[str], None]) -> None:
        """A look that fails says nothing about the migration."""
        told, begin = "", time.monotonic()
        while not answer.done():
            if time.monotonic() > begin + LOOK_EVERY:
                begin, line = time.monotonic(), told
                with suppress(MigrationFailed):
                    line = self._at_work(phase)
                if line and line != told:
                    tell(line)
                told = line
            time.sleep(0.1)

    def _at_work(self, phase: Phase) -> str:
        left = self.missing(phase)
        return next((f"at work on {each['name']} {' · '.join(each['steps'][:1])}".rstrip() for each in left), "")

    def _ask(self, question: str, phase: Phase) -> dict[str, Any]:
        request = json.dumps({"ask": question, "phase": phase})
        try:
            answer = self.client.invoke(FunctionName=f"{self.function}:live", Payload=request)
        except (BotoCoreError, ClientError) as error:
            raise MigrationFailed(f"{self.function} could not be asked: {error}") from error
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        if problem := said.get("error") or said.get("errorMessage"):
            raise MigrationFailed(problem)
        return said


def cells_of(stage: str) -> list[StageCell]:
    """In the account and region that the environment names. Raises LocalError."""
    import boto3  # noqa: PLC0415 (only a deployed stage needs it, and it takes its time)
    from botocore.config import Config  # noqa: PLC0415 (likewise)

    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    patient = Config(
        read_timeout=MIGRATIONS.timeout_seconds + 30, retries={"total_max_attempts": 1}, tcp_keepalive=True
    )
    try:
        return cells(session.client("ssm"), session.client("lambda", config=patient), stage)
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"The cells of {stage} cannot be listed: {error}") from error


def cells(ssm: "SSMClient", client: "LambdaClient", stage: str) -> list[StageCell]:
    """Raises LocalError where there is none."""
    prefix = f"/freehold/{stage}/cell/"
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
    names = {found["Name"].removeprefix(prefix).partition("/")[0] for page in pages for found in page["Parameters"]}
    if not names:
        raise LocalError(f"No cell of {stage} is deployed here: `make deploy STAGE={stage}`, or another AWS_PROFILE.")
    return [StageCell(name, stage, f"freehold-{stage}-{migrations_of(name).name}", client) for name in sorted(names)]
