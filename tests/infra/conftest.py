"""A small project of its own for each run, because building the real one's dependencies would need the network."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.manifest import FUNCTIONS
from infra.node import use_bundled_node
from infra.options import Options
from infra.stage import STAGES

ROOT = Path(__file__).parents[2]

type Synthesize = Callable[..., dict[str, Any]]


def make_tree(root: Path) -> Path:
    """Every declared folder, both layers, and a lock file that locks nothing."""
    for folder in {declared.code for declared in FUNCTIONS}:
        write(root / "functions" / folder / "handler.py", f"def handler(event, context):\n    return {folder!r}\n")
    write(root / "functions" / "__init__.py", "")
    write(root / "layers" / "freehold" / "__init__.py", "")
    write(root / "layers" / "freehold" / "py.typed", "")
    write(root / "layers" / "freehold" / "database" / "migrations" / "0001_first.pre.sql", "SELECT 1;\n")
    write(root / "layers" / "product" / "__init__.py", "NAMES = frozenset({'b', 'a', 'c'})\n")
    write(root / "requirements" / "runtime.txt", "")
    shutil.copy(ROOT / "cdk.json", root)
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    return make_tree(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory) -> Synthesize:
    """Synthesize a tree; the template of its one stack."""
    use_bundled_node()
    from infra.synth import synthesize as write_assembly  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    def template(root: Path, **chosen: Any) -> dict[str, Any]:
        options = {"stage": STAGES["launch"], "out": tmp_path_factory.mktemp("assembly"), **chosen}
        [stack] = write_assembly(root, Options(**options)).stacks
        return json.loads(Path(stack.template_full_path).read_text())

    return template


@pytest.fixture(scope="session")
def template(tree, synthesize) -> dict[str, Any]:
    return synthesize(tree)
