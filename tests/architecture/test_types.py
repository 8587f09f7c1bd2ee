"""What mypy reads of the CDK: all that we use of it, or else a mistake there would pass for anything."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
SHARED = {"aws_cdk.interfaces", "aws_cdk.interfaces.*"}
"""What the modules have in common, which nobody imports."""


def imported() -> set[str]:
    found = set()
    for checked in SETTINGS["files"]:
        for file in [ROOT / checked] if checked.endswith(".py") else (ROOT / checked).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.ImportFrom):
                    found |= {node.module or "", *(f"{node.module}.{each.name}" for each in node.names)}
                elif isinstance(node, ast.Import):
                    found |= {each.name for each in node.names}
    return {name for name in found if is_of_the_cdk(name)}


def is_of_the_cdk(name: str) -> bool:
    """A module: what is in one begins with a capital."""
    return name.partition(".")[0] == "aws_cdk" and name.rpartition(".")[2].islower()


def followed() -> set[str]:
    modules = [each["module"] for each in SETTINGS["overrides"] if each.get("follow_imports") == "normal"]
    return {name for module in modules for name in module}


def test_each_module_that_is_imported_is_read():
    assert imported() == followed() - SHARED


def test_the_control_there_are_some():
    assert {"aws_cdk", "aws_cdk.aws_lambda"} <= imported()
