"""Shows what a cell's database lacks, and brings it up to date.

Without --stage it is the database of the running `make dev`. With it, each cell of that stage is asked through its
function `migrations`: nobody else can reach its database.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg.conninfo import make_conninfo

from freehold.database.migrations import MIGRATOR, migrate, plan
from freehold.database.migrations.failures import MigrationError
from freehold.database.migrations.files import PHASES, Phase
from infra.stage import STAGES
from local import errors, instance
from local.migrate_stage import cells_of

_EXAMPLES = """examples:
  freehold migrate                          the running `make dev`
  freehold migrate --plan                   only look
  freehold migrate --stage launch           each cell of a deployed stage, pre migrations
  freehold migrate --stage launch --phase post --json

exit code: 0 done or nothing to do, 1 refused or failed, 2 not understood
with --plan: 0 also where something is missing, 1 where that cannot be seen
A deploy does this by itself; it is for looking, and for going on after a failure."""

type Tell = Callable[[str], None]


class Cell(Protocol):
    """A database that can be asked, and how it is called. Both raise MigrationError and psycopg.Error."""

    @property
    def name(self) -> str:
        """Of the cell."""

    def missing(self, phase: Phase) -> list[dict[str, Any]]:
        """`name` and `steps`, the titles of those to do, of each migration that is not applied."""

    def migrate(self, phase: Phase, tell: Tell) -> list[str]:
        """The names of what was applied."""


@dataclass(frozen=True, slots=True)
class LaptopCell:
    """The database of the running `make dev`."""

    conninfo: str
    name: str = "pool"

    def missing(self, phase: Phase) -> list[dict[str, Any]]:
        """As its own migrator sees it."""
        found = plan(self.conninfo, phase)
        return [{"name": each.migration.name, "steps": [step.title for step in each.steps]} for each in found]

    def migrate(self, phase: Phase, tell: Tell) -> list[str]:
        """In this process."""
        return migrate(self.conninfo, phase, tell=tell)


@dataclass(slots=True)
class State:
    """What came of one cell."""

    cell: str
    missing: list[dict[str, Any]] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    migrated: bool = False
    error: str = ""
    seconds: float = 0.0

    @property
    def word(self) -> str:
        """How it stands."""
        if self.error:
            return "failed"
        return "behind" if self.missing and not self.migrated else "up to date"


def main() -> None:
    """0 when every cell is done, or was only looked at; else 1."""
    options = _options()
    phase: Phase = options.phase or ("pre" if options.stage else "all")
    tell: Tell = (lambda _line: None) if options.json else _say
    cells = cells_of(options.stage) if options.stage else [_laptop()]
    states = [bring(cell, phase, only_look=options.plan, tell=tell) for cell in cells]
    if options.json:
        print(json.dumps([asdict(state) | {"state": state.word} for state in states], indent=2))
    sys.exit(int(any(state.error for state in states)))


def bring(cell: Cell, phase: Phase, *, only_look: bool, tell: Tell) -> State:
    """Look at one cell, and unless that is all, migrate it."""
    state, begin = State(cell.name), time.monotonic()
    try:
        _look(cell, phase, state, only=only_look, tell=tell)
        if not only_look:
            state.applied = cell.migrate(phase, lambda line: tell(f"    {line}"))
            state.migrated = True
    except (MigrationError, psycopg.Error) as error:
        state.error = str(error).strip()
    state.seconds = round(time.monotonic() - begin, 1)
    tell(f"  {state.word}, {state.seconds} s" + (f": {state.error}" if state.error else ""))
    return state


def _look(cell: Cell, phase: Phase, state: State, *, only: bool, tell: Tell) -> None:
    """Before the first run there are no roles to look as, and the run makes them: so that fails a look alone."""
    try:
        state.missing = cell.missing(phase)
    except (MigrationError, psycopg.Error) as error:
        if only:
            raise
        tell(f"cell {state.cell}: what is missing cannot be seen yet: {str(error).strip()}")
    else:
        _show_plan(state, tell)


def _laptop() -> LaptopCell:
    return LaptopCell(make_conninfo(instance.require().database, user=MIGRATOR))


def _show_plan(state: State, tell: Tell) -> None:
    tell(f"cell {state.cell}: {len(state.missing) or 'nothing'} missing")
    for migration in state.missing:
        tell(f"    {migration['name']}")
        for title in filter(None, migration["steps"]):
            tell(f"      {title}")


def _say(line: str) -> None:
    print(line, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="freehold migrate",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", choices=STAGES, help="a deployed stage, in the account that AWS credentials name")
    parser.add_argument("--phase", choices=PHASES, help="pre at a stage, and all on this machine, unless said")
    parser.add_argument("--plan", action="store_true", help="only look")
    parser.add_argument("--json", action="store_true", help="the state of each cell as JSON, and nothing else")
    options = parser.parse_args()
    if options.stage and options.phase == "all":
        parser.error("post migrations remove what the running code may use: --phase pre, deploy, then --phase post")
    return options


if __name__ == "__main__":
    errors.run(main)
