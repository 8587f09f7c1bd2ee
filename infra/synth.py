"""From the manifest to a folder of CloudFormation, with nothing but Python."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.cx_api import CloudAssembly
from cdk_nag import AwsSolutionsChecks

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.assets import Assets, build_assets, placeholder_assets
from infra.domain import EDGE_REGION
from infra.errors import SynthesisError
from infra.manifest_rules import require_sense
from infra.options import Options, Silo, cdk_json_context
from infra.stacks.api import ApiStack
from infra.stacks.cell import CellStack
from infra.stacks.delivery import DeliveryStack
from infra.stacks.edge import EdgeStack
from infra.stacks.gateway import GatewayStack
from infra.stacks.messaging import MessagingStack
from infra.stacks.monitoring import MonitoringStack
from infra.stacks.network import NetworkStack
from infra.stacks.pipeline import pipeline_stacks
from infra.stacks.schema import SchemaStack
from infra.stacks.workers import WorkersStack
from infra.stage import Stage
from infra.stage_rules import require_workable
from infra.target import Target, target_named

_NO_TRACES = {"aws:cdk:disable-stack-trace": True, "aws:cdk:disable-creation-stack-traces": True}
"""They name the folder that CDK's JavaScript is unpacked to, another one every time."""


def synthesize(root: Path, options: Options, manifest: Sequence[Function] = FUNCTIONS) -> CloudAssembly:
    """Write the cloud assembly to `options.out`. The same sources write the same bytes."""
    app = App(
        outdir=str(options.out),
        context=cdk_json_context(root) | _NO_TRACES,
        analytics_reporting=False,
        tree_metadata=False,
        builtin_cloud_formation_validation=False,  # warns of some of what cfn-lint refuses, and takes half of the time
    )
    require_workable(options.stage)
    require_sense(manifest)
    _add_stacks(app, root, options, manifest)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        return app.synth()
    except RuntimeError as error:  # what CDK raises for a failed validation; it has printed the findings
        raise SynthesisError(f"CDK refuses the stack: {error}") from error


def _add_stacks(app: App, root: Path, options: Options, manifest: Sequence[Function]) -> None:
    """Each after those that it needs: migrations before new code answers, and routes after what they lead to."""
    stage, target, assets = options.stage, target_named(options.architecture), _assets(root, options, manifest)
    network = NetworkStack(app, stage=stage)
    cell = _after(CellStack(app, stage=stage), network)
    schema = _after(SchemaStack(app, stage=stage, target=target, assets=assets), cell)
    schemas = [schema, *_silos(app, options.silos, stage, target, assets, network)]
    messaging = _after(
        MessagingStack(app, stage=stage, manifest=manifest, stripe_source=options.stripe_source), *schemas
    )
    before = _delivered(app, stage, target, assets, messaging)
    api = _after(ApiStack(app, stage=stage, target=target, assets=assets, manifest=manifest), before)
    workers = _after(WorkersStack(app, stage=stage, target=target, assets=assets, manifest=manifest), before)
    here = [silo.name for silo in options.silos if not silo.region]
    gateway = GatewayStack(
        app,
        stage=stage,
        assets=assets,
        manifest=manifest,
        silos=here,
        origins=options.origins,
        domain=options.domain,
    )
    _after(gateway, api, workers)
    last: Stack = gateway
    if stage.watch.wakes:
        last = _after(MonitoringStack(app, stage=stage, manifest=manifest), gateway)
    if (domain := options.domain) and (edge := domain.edge):
        _after(EdgeStack(app, stage=stage, domain=domain, edge=edge), gateway, last)
    elsewhere = {silo.region for silo in options.silos if silo.region}
    pipeline_stacks(
        app,
        stage=stage,
        repository=options.repository,
        knows_github=options.knows_github,
        domain=domain,
        regions=elsewhere | ({EDGE_REGION} if domain and domain.edge else set()),
    )


def _silos(  # noqa: PLR0913, PLR0917 (what a cell needs, in the order in which it needs it)
    app: App, silos: Iterable[Silo], stage: Stage, target: Target, assets: Assets, network: Stack
) -> Iterator[Stack]:
    """Each in the stage's network, or in one that a region of its own has."""
    networks = {"": network}
    for silo in silos:
        env = Environment(region=silo.region) if silo.region else None
        if silo.region not in networks:
            networks[silo.region] = NetworkStack(app, stage=stage, env=env)
        cell = _after(CellStack(app, stage=stage, cell=silo.name, env=env), networks[silo.region])
        yield _after(SchemaStack(app, stage=stage, target=target, assets=assets, cell=silo.name, env=env), cell)


def _delivered(app: App, stage: Stage, target: Target, assets: Assets, before: Stack) -> Stack:
    if stage.canary is None:
        return before
    return _after(DeliveryStack(app, stage=stage, canary=stage.canary, target=target, assets=assets), before)


def _after[S: Stack](later: S, *earlier: Stack) -> S:
    for stack in earlier:
        later.add_stack_dependency(stack, "It reads its parameters, or leads to its functions.")
    return later


def _assets(root: Path, options: Options, manifest: Sequence[Function]) -> Assets:
    folders = [declared.code for declared in manifest]
    if options.code == "placeholder":
        return placeholder_assets(root, folders=folders)
    return build_assets(root, target=target_named(options.architecture), folders=folders)
