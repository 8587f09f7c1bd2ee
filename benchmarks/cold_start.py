"""From a new process to the first answer out of the database: the built packages against the usual way.

Each start is a new process of the same bare interpreter with Lambda's real runtime client, which asks a stub of the
Runtime API for its one event. Nothing may be written beside the code, as in Lambda.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from benchmarks import goals
from benchmarks.figures import Figure, counted, measured
from benchmarks.harness import dataset, packages
from benchmarks.harness.runtime_api import FunctionFailed, Package, cold_start
from benchmarks.harness.told_by_stripe import secrets_manager, signed
from benchmarks.harness.turns import take_turns
from benchmarks.harness.world import Row, World
from freehold.database.migrations.bootstrap import DATABASE
from local.project import ROOT
from local.watch import Watch

GOALS = (goals.COLD_FASTAPI, goals.COLD_LEAN, goals.COLD_WEBHOOK, goals.FROM_SOURCE)
ROUNDS = 9
_LOADED = re.compile(rb"^# code object from '?(.+\.pyc?)'?$", re.MULTILINE)
"""What `python -v` says of a module: its .pyc where it has a valid one, its .py where it had to be compiled."""


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """A FastAPI route, a lean route, Stripe's webhook, and whether either compiled anything."""
    built = packages.build()
    row = world.any_row()
    conninfo = world.server.conninfo_without_user(database=DATABASE)
    usual = built.usual(world.conninfo())
    told = _event("stripe_webhook/receive")
    events: dict[str, Callable[[], dict[str, Any]]] = {
        "projects": lambda: _read(row),
        "health": lambda: _event("health/read"),
        "stripe_webhook": lambda: signed(told),
        "naive": lambda: _read(row),
    }
    with tempfile.TemporaryFile() as log, secrets_manager() as where:
        ours = {folder: built.ours(folder, conninfo, where) for folder in packages.FOLDERS}
        sides = {
            name: partial(_started, package, events[name], log) for name, package in {**ours, "naive": usual}.items()
        }
        samples = take_turns(sides, rounds=ROUNDS, after_round=watch.at)
        compiled = [name for folder, package in ours.items() for name in from_source(package, events[folder]())]
    how = f"{ROUNDS} new processes each, in turns, from start to answer"
    fastapi = f"GET /v1/projects/{{project_id}}; {how}"
    yield measured(goals.COLD_FASTAPI, samples.ratio("projects", over="naive"), how=fastapi)
    yield measured(goals.COLD_LEAN, samples.ratio("health", over="naive"), how=f"GET /health; {how}")
    webhook = f"POST /stripe/webhooks over GET /health, its keys fetched; {how}"
    yield measured(goals.COLD_WEBHOOK, samples.ratio("stripe_webhook", over="health"), how=webhook)
    how = "in packages and layers, as `python -v` says"
    yield counted(goals.FROM_SOURCE, len(compiled), how=how, found=compiled)


def _started(package: Package, event: Callable[[], Mapping[str, Any]], log: IO[bytes]) -> float:
    return cold_start(package, event(), log=log)


def from_source(package: Package, event: Mapping[str, Any]) -> list[str]:
    """The modules of a package and its layers that a cold start compiled again, by file."""
    with tempfile.TemporaryFile() as log:
        cold_start(package, event, log=log, options=["-v"])
        log.seek(0)
        return compiled_modules(log.read(), [package.root, *package.path])


def compiled_modules(said: bytes, folders: list[Path]) -> list[str]:
    """What `python -v` said about modules below these folders that it had to compile. Raises where it said nothing."""
    files = [Path(name.decode()) for name in _LOADED.findall(said)]
    ours = [file for file in files if any(file.is_relative_to(folder) for folder in folders)]
    if not ours:
        raise FunctionFailed("`python -v` named no module of the package.")
    return sorted(str(file) for file in ours if file.suffix == ".py")


def _event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return event


def _read(row: Row) -> dict[str, Any]:
    """The example event of the route, about a project that exists, by somebody who may see it."""
    event = _event("projects/read")
    event["rawPath"] = f"/v1/projects/{row.project_id}"
    event["pathParameters"]["project_id"] = str(row.project_id)
    event["headers"]["freehold-tenant"] = str(row.tenant_id)
    event["requestContext"]["http"]["path"] = event["rawPath"]
    event["requestContext"]["authorizer"]["lambda"] |= {"issuer": dataset.ISSUER, "subject": row.subject}
    return event
