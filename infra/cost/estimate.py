"""A stage's estimate: every resource of its templates and every line of its use, priced."""

import json
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from infra.cost.lines import Estimate, priced, without_free
from infra.cost.prices import Prices
from infra.cost.resources import fixed
from infra.cost.template import Templates
from infra.cost.usage import Usage, used
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
"""Without a name of the founder's, no template holds the edge, which is paid for nonetheless."""


def estimate(templates: Templates, stage: Stage, usage: Usage, prices: Prices, *, free_tier: bool = False) -> Estimate:
    """Raises SynthesisError where a resource has no rule, or a rule no price."""
    lines = [
        *priced("fixed", fixed(templates, stage, prices), prices),
        *priced("use", used(templates, stage, usage), prices),
    ]
    return Estimate(
        stage=stage.name,
        region=prices.region,
        currency=prices.currency,
        read_on=prices.read_on.isoformat(),
        tenants=usage.tenants,
        requests=usage.requests,
        free_tier=free_tier,
        lines=tuple(without_free(lines, prices) if free_tier else lines),
    )


def templates_of(stage: Stage, root: Path) -> Templates:
    """As they would deploy now. Those of a stage as it stands are kept in build/, until something in them changes."""
    if stage != STAGES.get(stage.name):
        with tempfile.TemporaryDirectory(prefix="freehold-") as scratch:
            return _synthesized(stage, root, Path(scratch))
    out = root / "build" / "cost" / stage.name
    options = options_of(stage, out)
    inputs, stamp = inputs_digest(root, options), out / "inputs.digest"
    if not stamp.is_file() or stamp.read_text() != inputs:
        out.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        _synthesized(stage, root, out)
        stamp.write_text(inputs)
    return _read(out)


def options_of(stage: Stage, out: Path) -> Options:
    """What a stage is synthesized with to be priced: all that it deploys, at a name that is nobody's."""
    return Options(stage=stage, out=out, code="placeholder", domain=_NOBODYS if stage.edge else None)


def _synthesized(stage: Stage, root: Path, out: Path) -> Templates:
    use_bundled_node()
    from infra.synth import synthesize  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        synthesize(root, options_of(stage, out))
    return _read(out)


def _read(out: Path) -> Templates:
    """Only what this synthesis wrote: the folder may hold an earlier one's."""
    artifacts = json.loads((out / "manifest.json").read_text())["artifacts"]
    names = [name for name, found in artifacts.items() if found["type"] == "aws:cloudformation:stack"]
    return {name: json.loads((out / artifacts[name]["properties"]["templateFile"]).read_text()) for name in names}
