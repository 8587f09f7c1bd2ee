"""Writes the reference from the code: the OpenAPI document, docs/reference, and the tables of docs/cost.md.

A test renders the same pages and fails where a committed one differs, so `make docs` is all the upkeep they need.
"""

import argparse
import importlib
import json
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter

from freehold import permissions
from freehold.database.catalog import Catalog, read_catalog
from freehold.database.gate import RULES, reviewed
from freehold.database.migrations import ADMIN
from freehold.http.lean import Operation
from freehold.http.openapi import merge
from freehold.permissions import Permission, Role
from freehold.settings import PREFIX, Settings
from functions.manifest import FUNCTIONS
from infra.rules import SUBJECTS
from infra.rules.rule import Rule
from infra.stage import STAGES
from infra.templates import templates_of
from local import cost_reference, error_reference, errors, event_reference, plan_reference, slo_reference
from local.database import Database, prepared
from local.errors import LocalError
from local.project import ROOT
from local.schema_dump import schema
from product.events import CATALOG
from product.plans import PLANS

OPENAPI = "functions/openapi/openapi.json"
SCHEMA = "docs/reference/schema.sql"
ROLES = "docs/roles.md"
BEGIN, END = "<!-- roles: the table is written by `make docs` -->\n", "<!-- end of roles -->"
WRITTEN = "<!-- Written by `make docs` from the code: edit the code instead. -->\n\n"


def _all_permissions() -> tuple[Permission, ...]:
    """The platform's, then those of each feature of the product that has some."""
    features = sorted((ROOT / "layers" / "product").glob("*/permissions.py"))
    modules = [permissions, *(importlib.import_module(f"product.{file.parent.name}.permissions") for file in features)]
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Permission))


PERMISSIONS = _all_permissions()


def pages(catalog: Catalog) -> dict[str, str]:
    """Every generated file, by its path in the project."""
    return {
        OPENAPI: json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n",
        "docs/reference/routes.md": _routes(),
        "docs/reference/errors.md": WRITTEN + error_reference.page(),
        "docs/reference/permissions.md": _permissions(),
        ROLES: _roles(),
        "docs/reference/events.md": WRITTEN + event_reference.page(CATALOG),
        "docs/reference/plans.md": WRITTEN + plan_reference.page(PLANS),
        "docs/reference/settings.md": _settings(),
        "docs/reference/slos.md": WRITTEN + slo_reference.page(),
        "docs/reference/tables.md": _tables(catalog),
        "docs/reference/gate.md": _gate(),
        "docs/reference/rules.md": _rules(),
    }


def openapi() -> dict[str, Any]:
    """The document over every function that serves HTTP."""
    routers: list[APIRouter] = []
    operations: list[Operation] = []
    for folder in sorted({function.code for function in FUNCTIONS if function.routes}):
        if (ROOT / "functions" / folder / "routes.py").exists():
            routers.append(importlib.import_module(f"functions.{folder}.routes").router)
        elif not (ROOT / "functions" / folder / "operations.py").exists():
            raise LocalError(f"functions/{folder} has neither routes.py nor, for a lean function, operations.py.")
        else:
            operations.extend(importlib.import_module(f"functions.{folder}.operations").OPERATIONS)
    return merge(routers, operations, [kind for kind in CATALOG if kind.subscribable])


def main() -> None:
    """Write them."""
    argparse.ArgumentParser(prog="freehold docs", description=__doc__).parse_args()
    with prepared() as server:
        written = pages(read_catalog(Database(server).conninfo_of(ADMIN))) | {SCHEMA: schema(server)}
    written |= cost_reference.pages({name: templates_of(stage, ROOT) for name, stage in STAGES.items()})
    for path, text in written.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
        print(f"  {path}")


def _routes() -> str:
    described = openapi()["paths"]
    rows = []
    for function in FUNCTIONS:
        for route in function.routes:
            method, _, path = route.partition(" ")
            if method.lower() not in described.get(path, {}):
                raise LocalError(
                    f"functions/manifest.py declares {route}, and functions/{function.code} does not serve it."
                )
            summary = described[path][method.lower()]["summary"]
            rows.append((f"`{route}`", summary, f"`{function.name}`", "nobody's" if function.public else "required"))
    return f"{WRITTEN}# Routes\n\n" + _table(("Route", "What it does", "Function", "Identity"), rows)


def _permissions() -> str:
    rows = [
        (f"`{p.name}`", p.description, *("yes" if role in p.held_by else "" for role in Role), p.needs)
        for p in PERMISSIONS
    ]
    heading = ("Permission", "What it allows", *(role.value for role in Role), "Least access")
    return f"{WRITTEN}# Permissions\n\n" + _table(heading, rows)


def _roles() -> str:
    before, begin, rest = (ROOT / ROLES).read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    rows = [(f"`{p.name}`", *("yes" if role in p.held_by else "" for role in Role)) for p in PERMISSIONS]
    return f"{before}{begin}" + _table(("Permission", *(role.value for role in Role)), rows) + f"{end}{after}"


def _settings() -> str:
    rows = [
        (f"`{PREFIX}{name.upper()}`", field.description or "", f"`{field.default!r}`")
        for name, field in Settings.model_fields.items()
    ]
    return f"{WRITTEN}# Settings\n\nEnvironment variables of the functions; the stack sets them.\n\n" + _table(
        ("Variable", "Meaning", "Default"), rows
    )


def _tables(catalog: Catalog) -> str:
    rows = [
        (
            f"`{table.name}`",
            table.holder,
            "yes" if table.holder == "tenant" and not table.unaudited else table.comment.partition(": ")[2],
            ", ".join(table.marked("personal")),
            ", ".join(table.marked("secret")),
        )
        for table in catalog.tables
    ]
    return f"{WRITTEN}# Tables\n\nThose that others refer to come first.\n\n" + _table(
        ("Table", "Whose rows", "Audited, or why not", "Personal columns", "Secret columns"), rows
    )


def _gate() -> str:
    rows = [(f"`{rule.name}`", _cell(rule.says), _cell(rule.fix)) for rule in RULES]
    exceptions = [(f"`{each.rule}`", f"`{each.object}`", each.reason) for each in reviewed()]
    return (
        f"{WRITTEN}# The schema gate\n\nWhat every migration has to leave behind."
        " Between braces stands what the sentence fills in.\n\n"
        + _table(("Rule", "What it says", "What to do"), rows)
        + "\n## Reviewed\n\nWhat breaks a rule and was found right all the same.\n\n"
        + _table(("Rule", "What", "Why it is right"), exceptions)
    )


def _rules() -> str:
    return (
        f"{WRITTEN}# The rules of templates\n\nWhat every stack of every stage keeps: `make check` names each"
        " place that does not.\n" + "".join(_subject(name, rules) for name, rules in SUBJECTS.items())
    )


def _subject(name: str, rules: Iterable[Rule]) -> str:
    rows = [(f"`{rule.name}`", _cell(rule.says)) for rule in rules]
    return f"\n## {name}\n\n" + _table(("Rule", "What holds, and what to do"), rows)


def _cell(text: str) -> str:
    """Nothing in a sentence is markup."""
    return text.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*")


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heading = list(heading)
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    errors.run(main)
