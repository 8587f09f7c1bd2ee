"""What a stage would deploy now, as templates: synthesized once, and kept in build/ until something in them changes."""

import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.cost.template import Templates
from infra.digest import inputs_digest
from infra.domain import Domain, Edge
from infra.node import use_bundled_node
from infra.options import Options
from infra.stage import STAGES, Stage

_CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000"
_NOBODYS = Domain(
    name="api.example.com",
    certificate=_CERTIFICATE,
    edge=Edge(
        origin="origin.example.com", certificate=_CERTIFICATE, client=_CERTIFICATE, truststore="s3://example/edge.pem"
    ),
)
"""Without a name of the founder's, no template holds the edge."""


def templates_of(stage: Stage, root: Path, manifest: Sequence[Function] = FUNCTIONS) -> Templates:
    """By the names of their stacks, in the order of a deploy. Raises SynthesisError."""
    if manifest is not FUNCTIONS or stage != STAGES.get(stage.name):
        return _synthesized(stage, root, manifest)
    kept, inputs = root / "build" / "templates" / f"{stage.name}.json", inputs_digest(root, options_of(stage, root))
    if kept.is_file() and (found := json.loads(kept.read_text()))["inputs"] == inputs:
        templates: Templates = found["templates"]
        return templates
    templates = _synthesized(stage, root, manifest)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False) as partial:
        json.dump({"inputs": inputs, "templates": templates}, partial)
    Path(partial.name).replace(kept)  # whole, whoever else is writing it
    return templates


def options_of(stage: Stage, out: Path) -> Options:
    """What a stage is synthesized with to be looked at: all that it deploys, at a name that is nobody's."""
    return Options(stage=stage, out=out, code="placeholder", domain=_NOBODYS if stage.edge else None)


def _synthesized(stage: Stage, root: Path, manifest: Sequence[Function]) -> Templates:
    use_bundled_node()
    from infra.synth import synthesize  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    with tempfile.TemporaryDirectory(prefix="freehold-") as out, redirect_stdout(sys.stderr):
        stacks = synthesize(root, options_of(stage, Path(out)), manifest).stacks
        return {stack.stack_name: json.loads(Path(stack.template_full_path).read_text()) for stack in stacks}
