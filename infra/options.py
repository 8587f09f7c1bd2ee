"""What a person can choose, from flags, from the CDK CLI's `-c key=value`, or from cdk.json."""

import argparse
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from infra.cors import read_origins
from infra.domain import Domain, read_domain
from infra.errors import SynthesisError
from infra.stage import Stage, stage_named
from infra.target import TargetName

type Code = Literal["packaged", "placeholder"]

_CHOICES = {"architecture": ("arm64", "host"), "code": ("packaged", "placeholder")}

_STRIPE_SOURCE = re.compile(r"aws\.partner/stripe\.com/[A-Za-z0-9_./-]+")

_CELL = re.compile(r"[a-z][a-z0-9]{1,19}")
_REGION = re.compile(r"([a-z]{2}(-[a-z]+)+-[0-9])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+(@[0-9]+)?/[A-Za-z0-9_.-]+(@[0-9]+)?")

_DESCRIPTION = """Write the CloudFormation of one stage, with the packaged functions beside it.

Needs no AWS credentials, no Docker, no Node and no CDK CLI."""

_EXAMPLES = """examples:
  python app.py --stage launch                          what `cdk deploy --app cdk.out` would deploy
  python app.py --stage launch --architecture host      the same, for the emulator on this machine
  python app.py --stage launch --code placeholder       its wiring only: the handlers run from the working tree
  cdk synth -c stage=launch                             the same flags as context, under the CDK CLI"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silo:
    """A cell beside the pool, for one or few large tenants."""

    name: str
    region: str = ""
    """Empty where it is in the stage's own region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One synthesis: what of, what for and where to."""

    stage: Stage
    out: Path
    architecture: TargetName = "arm64"
    code: Code = "packaged"
    if_changed: bool = False
    silos: tuple[Silo, ...] = ()
    stripe_source: str = ""
    """The name of Stripe's partner event source; empty where its events come by webhook alone."""
    origins: tuple[str, ...] = ()
    """From where browsers' apps may call the API."""
    domain: Domain | None = None
    """The stage's own name; none for the emulator, as it leads to AWS."""
    repository: str = ""
    """Owner and name at GitHub, whose workflow may deploy; empty where none may."""
    knows_github: bool = False
    """Whether the account has GitHub's identity provider already: there can be one."""


def cdk_json_context(root: Path) -> dict[str, Any]:
    """The "context" of cdk.json: CDK's feature flags and our defaults, which CDK itself reads under its CLI only."""
    return cast("dict[str, Any]", json.loads((root / "cdk.json").read_text())["context"])


def read_options(arguments: Sequence[str], *, root: Path, environment: Mapping[str, str] = os.environ) -> Options:
    """A flag counts before the CLI's context, and that before cdk.json."""
    flags = _parser().parse_args(arguments)
    context = cdk_json_context(root) | json.loads(environment.get("CDK_CONTEXT_JSON", "{}"))
    stage = stage_named(flags.stage or context["stage"])
    architecture = cast("TargetName", _choice("architecture", flags.architecture or context["architecture"]))
    domain = read_domain(context.get("domains", {}), stage)
    return Options(
        stage=stage,
        out=Path(flags.out or environment.get("CDK_OUTDIR") or root / "cdk.out"),
        architecture=architecture,
        code=cast("Code", _choice("code", flags.code or context["code"])),
        if_changed=flags.if_changed,
        silos=_silos(context.get("silos", {}).get(stage.name, [])),
        stripe_source=_stripe_source(context.get("stripeEventSource", {}), stage.name),
        origins=read_origins(context.get("origins", {}), stage.name),
        domain=None if architecture == "host" else domain,
        repository=_repository(context.get("repository", "")),
        knows_github=str(context.get("knowsGitHub", False)).lower() == "true",
    )


def _choice(option: str, value: str) -> str:
    if value not in _CHOICES[option]:
        raise SynthesisError(f"{option} cannot be {value!r}: choose {' or '.join(_CHOICES[option])}.")
    return value


def _silos(given: Any) -> tuple[Silo, ...]:  # noqa: ANN401 (whatever cdk.json holds)
    """As cdk.json lists them: `{"silos": {"scale": [{"name": "acme", "region": "eu-west-1"}]}}`."""
    example = '[{"name": "acme"}, {"name": "globex", "region": "eu-west-1"}]'
    try:
        silos = tuple(Silo(**each) for each in given)
    except TypeError as error:
        raise SynthesisError(f"silos cannot be {given!r}: list them as {example}.") from error
    for silo in silos:
        if not _CELL.fullmatch(silo.name) or silo.name in ("pool", "network") or not _REGION.fullmatch(silo.region):
            raise SynthesisError(
                f"There can be no silo {silo}: list them as {example}, with short names in lower case."
            )
    if len({silo.name for silo in silos}) < len(silos):
        raise SynthesisError("Two silos have one name: give each its own.")
    return silos


def _stripe_source(given: str | dict[str, str], stage: str) -> str:
    """Of this stage: cdk.json names one for each, the CLI's `-c stripeEventSource=…` the one."""
    source = given if isinstance(given, str) else given.get(stage, "")
    if source and not _STRIPE_SOURCE.fullmatch(source):
        raise SynthesisError(f"stripeEventSource cannot be {source!r}: `aws events list-event-sources` says its name.")
    return source


def _repository(given: str) -> str:
    """As GitHub's tokens name it, with no sign that IAM takes for a pattern."""
    if given and not _REPOSITORY.fullmatch(given):
        raise SynthesisError(f"repository cannot be {given!r}: write it as owner/name, as GitHub's tokens name it.")
    return given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="app.py",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", help="a stage of infra/stage.py (from cdk.json: sandbox)")
    parser.add_argument("--architecture", help="arm64 (default) for AWS, or host for the emulator on this machine")
    parser.add_argument(
        "--code",
        help="packaged (default): layers and functions as they deploy; "
        "placeholder: empty packages, quick to write and untouched by edits of handlers and layers",
    )
    parser.add_argument("--out", metavar="FOLDER", help="where to write (default: cdk.out)")
    parser.add_argument("--if-changed", action="store_true", help="do nothing if the folder is up to date already")
    return parser
