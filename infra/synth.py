"""From the manifest to a folder of CloudFormation, with nothing but Python."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from aws_cdk import App, Validations
from aws_cdk.cx_api import CloudAssembly
from cdk_nag import AwsSolutionsChecks

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.assets import Assets, build_assets, placeholder_assets
from infra.errors import SynthesisError
from infra.manifest_rules import require_sense
from infra.options import Options, cdk_json_context
from infra.stacks.api import ApiStack
from infra.stacks.cell import CellStack
from infra.stacks.messaging import MessagingStack
from infra.stacks.network import NetworkStack
from infra.stacks.pipeline import pipeline_stacks
from infra.stacks.schema import SchemaStack
from infra.stacks.workers import WorkersStack
from infra.target import target_named

_NO_TRACES = {"aws:cdk:disable-stack-trace": True, "aws:cdk:disable-creation-stack-traces": True}
"""They name the folder that CDK's JavaScript is unpacked to, another one every time."""


def synthesize(root: Path, options: Options, manifest: Sequence[Function] = FUNCTIONS) -> CloudAssembly:
    """Write the cloud assembly to `options.out`. The same sources write the same bytes."""
    app = App(
        outdir=str(options.out),
        context=cdk_json_context(root) | _NO_TRACES,
        analytics_reporting=False,
        tree_metadata=False,
    )
    require_sense(manifest)
    _add_stacks(app, root, options, manifest)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        return app.synth()
    except RuntimeError as error:  # what CDK raises for a failed validation; it has printed the findings
        raise SynthesisError(f"CDK refuses the stack: {error}") from error


def _add_stacks(app: App, root: Path, options: Options, manifest: Sequence[Function]) -> None:
    """Each after the one that it needs; so `cdk deploy --all` migrates before new code answers."""
    stage, target, assets = options.stage, target_named(options.architecture), _assets(root, options, manifest)
    stacks = (
        NetworkStack(app, stage=stage),
        CellStack(app, stage=stage),
        SchemaStack(app, stage=stage, target=target, assets=assets),
        MessagingStack(app, stage=stage, manifest=manifest, stripe_source=options.stripe_source),
        ApiStack(app, stage=stage, target=target, assets=assets, manifest=manifest),
        WorkersStack(app, stage=stage, target=target, assets=assets, manifest=manifest),
    )
    for earlier, later in pairwise(stacks):
        later.add_stack_dependency(earlier, "It reads its parameters.")
    pipeline_stacks(app, stage=stage, repository=options.repository, knows_github=options.knows_github)


def _assets(root: Path, options: Options, manifest: Sequence[Function]) -> Assets:
    folders = [declared.code for declared in manifest]
    if options.code == "placeholder":
        return placeholder_assets(root, folders=folders)
    return build_assets(root, target=target_named(options.architecture), folders=folders)
