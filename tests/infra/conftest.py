"""A small project of its own for each run, because building the real one's dependencies would need the network."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from functions.manifest import FUNCTIONS
from infra.node import use_bundled_node
from infra.options import Options
from infra.stage import STAGES
from tests.infra.workers import EXAMPLES, FEW

ROOT = Path(__file__).parents[2]

type Template = dict[str, Any]
type Templates = dict[str, Template]
type Synthesize = Callable[..., Templates]


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


def read(path: str) -> Template:
    return json.loads(Path(path).read_text())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    return make_tree(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory) -> Synthesize:
    """Synthesize a tree; its templates by the last word of their stack's name."""
    use_bundled_node()
    from infra.synth import synthesize as write_assembly  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    def templates(root: Path, **chosen: Any) -> Templates:
        manifest = chosen.pop("manifest", FUNCTIONS)
        options = {"stage": STAGES["launch"], "out": tmp_path_factory.mktemp("assembly"), **chosen}
        stacks = write_assembly(root, Options(**options), manifest).stacks
        return {stack.stack_name.rpartition("-")[2]: read(stack.template_full_path) for stack in stacks}

    return templates


@pytest.fixture(scope="session")
def packaged(tree, synthesize) -> Templates:
    """Of the stage that starts a business, as packaged as it deploys; of few functions, because each takes its time."""
    return synthesize(tree, manifest=FEW)


@pytest.fixture(scope="session")
def templates(dial) -> Templates:
    """All of that stage."""
    return json.loads(dial["launch"])


@pytest.fixture(scope="session")
def template(templates) -> Template:
    """Of its API."""
    return templates["api"]


@pytest.fixture(scope="session")
def dial(tree, synthesize) -> Mapping[str, str]:
    """The templates of every stage, as JSON."""
    return {name: json.dumps(synthesize(tree, stage=stage, code="placeholder")) for name, stage in STAGES.items()}


@pytest.fixture(params=STAGES)
def stage(request):
    """Every stage, one after the other."""
    return STAGES[request.param]


@pytest.fixture
def stacks(dial, stage) -> Templates:
    """The templates of that stage; a copy, to break."""
    return json.loads(dial[stage.name])


@pytest.fixture(scope="session")
def examples(tree, synthesize) -> Mapping[str, str]:
    """The templates of every stage with workers of each kind, as JSON."""
    chosen = {"code": "placeholder", "manifest": EXAMPLES}
    return {name: json.dumps(synthesize(tree, stage=stage, **chosen)) for name, stage in STAGES.items()}


@pytest.fixture
def working(examples, stage) -> Templates:
    """The templates of that stage; a copy, to break."""
    return json.loads(examples[stage.name])
