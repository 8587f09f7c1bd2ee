"""Lints each migration: squawk's rules, then ours. Part of `make check`.

Exceptions stand in squawk.toml and migration_exceptions.toml, each with its reason.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from freehold.database.migrations.failures import MigrationMalformed
from freehold.database.migrations.files import Step
from local import errors
from local.errors import LocalError
from local.migration_rules import File, Finding, findings, identity_tables, owned_tables
from local.project import ROOT

FOLDERS = ("layers/freehold/database/migrations/versions", "layers/product/migrations")
SQUAWK = Path(sys.executable).with_name("squawk")
CONFIG = Path(__file__).with_name("squawk.toml")
EXCEPTIONS = Path(__file__).with_name("migration_exceptions.toml")

type Exceptions = Mapping[tuple[str, str], str]
"""The reason, by file and rule."""


def main() -> None:
    """Print what is found, and fail."""
    argparse.ArgumentParser(prog="python -m local.migration_lint", description=__doc__).parse_args()
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.sql"))]
    found = list(lint({str(path.relative_to(ROOT)): path.read_text() for path in paths}, exceptions()))
    if found:
        print("\n".join(map(str, found)))
        raise LocalError(f"{len(found)} findings in {len(paths)} migrations; each says what to do.")


def exceptions() -> Exceptions:
    """As they stand in the file."""
    return {
        (entry["file"], entry["rule"]): entry["reason"]
        for entry in tomllib.loads(EXCEPTIONS.read_text()).get("exception", [])
    }


def lint(files: Mapping[str, str], excused: Exceptions) -> Iterator[Finding]:
    """Over SQL by path. An exception that excuses nothing is a finding too."""
    owned = frozenset(table for sql in files.values() for table in owned_tables(sql))
    identities = frozenset(table for sql in files.values() for table in identity_tables(sql))
    used = set()
    for finding in _all(File(path, sql, owned, identities) for path, sql in files.items()):
        key = (Path(finding.file).name, finding.rule)
        used.add(key)
        if key not in excused:
            yield finding
    for file, rule in sorted(excused.keys() - used):
        yield Finding(file, 1, rule, f"This exception excuses nothing: take it out of {EXCEPTIONS.name}.")


def _all(files: Iterable[File]) -> Iterator[Finding]:
    with ThreadPoolExecutor() as pool:
        squawked = [(file, pool.submit(squawk, file)) for file in files]
        for file, heard in squawked:
            yield from findings(file)
            yield from heard.result()


def squawk(file: File) -> list[Finding]:
    """Each step by itself, for that is how it runs."""
    try:
        steps = file.migration.steps
    except MigrationMalformed:
        return []  # a finding of ours
    return [finding for step in steps for finding in _squawk(file, step)]


def _squawk(file: File, step: Step) -> Iterator[Finding]:
    command: list[str | Path] = [SQUAWK, "--config", CONFIG, "--reporter", "json", "--stdin-filepath", file.name]
    before = "\n".join(_made_before(file, step))
    result = subprocess.run(command, input=before + step.sql, capture_output=True, text=True, check=False)
    if not result.stdout.strip().startswith("["):
        raise LocalError(f"squawk could not read {file.name}: {result.stderr.strip()}")
    for said in json.loads(result.stdout):
        line = said["line"] - before.count("\n") + step.line
        sentence = f"{said['message'].rstrip('.')}. {said['help'] or ''}".strip()
        yield Finding(file.name, line, said["rule_name"], sentence)


def _made_before(file: File, step: Step) -> Iterator[str]:
    """Tables that an earlier step has made are as new as those of this one."""
    for earlier in file.migration.steps[: step.number - 1]:
        for table in File(file.name, earlier.sql).new_tables:
            yield f"create table {table} ();"


if __name__ == "__main__":
    errors.run(main)
