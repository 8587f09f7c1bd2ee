"""The most memory that each function's process holds, which its `memory_mb` follows from (functions/declaration.py).

Each is a new process of the packages as they deploy, under Lambda's own runtime client, that is called three times with
each of its example events, on a real database; AWS is a double that takes everything. The relay finds 20,000 events
waiting. Written to memory.json, in about five minutes:

.venv/bin/python -m benchmarks.memory
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg

from benchmarks.figures import Skipped
from benchmarks.harness import packages
from benchmarks.harness.pretend_aws import pretend_aws
from benchmarks.harness.runtime_api import Package, peak_mb
from freehold.database.migrations.bootstrap import DATABASE
from functions.manifest import FUNCTIONS
from infra.assets import build_assets
from infra.target import host_target
from local import errors
from local.database import Database
from local.errors import LocalError
from local.invoke import aws_at, environment, introduce
from local.postgres import SUPERUSER, Postgres, temporary
from local.project import ROOT
from product.plans import PLANS

FILE = ROOT / "benchmarks" / "memory.json"
TIMES = 3
_WAITING = 20_000
_NOBODY = "http://127.0.0.1:9"
_LAYERS = ("dependencies", "freehold", "product")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Of one folder under functions/."""

    code: str
    mb: float
    answered: list[str]
    """Statuses, or the names of errors: what was measured got as far as that."""


def main() -> None:
    """Measure, print, remember."""
    argparse.ArgumentParser(
        prog="python -m benchmarks.memory", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    peaks = [_shown(peak) for peak in measure()]
    FILE.write_text(
        json.dumps({peak.code: {"mb": peak.mb, "answered": peak.answered} for peak in peaks}, indent=2) + "\n"
    )


def measure() -> Iterator[Peak]:
    """One for each folder, in the order of their names."""
    folders = sorted({declared.code for declared in FUNCTIONS})
    try:
        runtime = packages.build().runtime
    except Skipped as skipped:
        raise LocalError(f"Memory cannot be measured here: {skipped}") from None
    assets = build_assets(ROOT, target=host_target(platform.machine()), folders=folders)
    layers = [getattr(assets, layer) / "python" for layer in _LAYERS]
    with temporary() as server, pretend_aws() as aws, tempfile.TemporaryFile() as log:
        database = Database(server)
        database.prepare(PLANS)
        told = environment(database.conninfo, _NOBODY, "sandbox") | aws_at(aws)
        os.environ.update(told | {"POWERTOOLS_LOG_LEVEL": "ERROR"})
        for code in folders:
            package = Package(
                python=packages.python(),
                handler=f"functions.{code}.handler.handler",
                root=assets.functions[code],
                path=[*layers, runtime],
                env=told,
            )
            if code == "relay":
                _let_wait(server)
            yield _peak(code, package, log)


def _let_wait(server: Postgres) -> None:
    """Copies of an event that one of the functions before announced."""
    with psycopg.connect(server.conninfo(user=SUPERUSER, database=DATABASE), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            """
            insert into app.outbox (tenant_id, id, type, subject_id, request_id, occurred_at, version, data, due_at)
            select tenant_id, uuidv7(), type, subject_id, request_id, occurred_at, version, data, due_at
              from (select * from app.outbox limit 1) as one, generate_series(1, %s)
            """,
            [_WAITING],
        )


def _peak(code: str, package: Package, log: IO[bytes]) -> Peak:
    events = [_event(path) for path in sorted((ROOT / "events" / code).glob("*.json"))]
    for event in events:
        introduce(event)
    mb, answers = peak_mb(package, events * TIMES, log=log)
    return Peak(code=code, mb=round(mb, 1), answered=sorted({_answered(json.loads(answer)) for answer in answers}))


def _event(path: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(path.read_text())
    return event


def _answered(answer: object) -> str:
    match answer:
        case {"statusCode": status}:
            return str(status)
        case {"errorType": error}:
            return str(error)
        case _:
            return "done"


def _shown(peak: Peak) -> Peak:
    print(f"  {peak.code:<20}{peak.mb:>7.1f} MB   {', '.join(peak.answered)}", flush=True)
    return peak


if __name__ == "__main__":
    errors.run(main)
