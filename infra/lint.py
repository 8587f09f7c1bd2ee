"""Lints the CloudFormation of every stage: `python -m infra.lint --help`.

Synthesis itself fails on what cdk-nag finds; cfn-lint then holds the templates against AWS's own schemas.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from infra.digest import digest, inputs_digest
from infra.errors import SynthesisError
from infra.node import use_bundled_node
from infra.options import Options
from infra.stage import STAGES, Stage

ROOT = Path(__file__).resolve().parents[1]

UNUSED_RULES = {
    "I1022": "CDK writes Fn::Join where Fn::Sub would be shorter; nobody reads either",
    "W3005": "CDK names dependencies that a reference already implies; they change nothing",
}
"""Rule of cfn-lint, and why its findings help nobody."""

_EXAMPLE = """example:
  python -m infra.lint --if-changed      nothing to do where it was clean and nothing has changed since"""


def main(arguments: Sequence[str], *, root: Path = ROOT, stages: Collection[Stage] = tuple(STAGES.values())) -> int:
    """Print one line per finding; 1 where there is any."""
    only_if_changed = _parser().parse_args(arguments).if_changed
    stamp, inputs = root / "build" / "lint.digest", _inputs(root, stages)
    if only_if_changed and stamp.is_file() and stamp.read_text() == inputs:
        return 0
    stamp.unlink(missing_ok=True)
    started, findings = time.monotonic(), list(_findings(root, stages))
    _say(*findings, f"Linted {len(stages)} stages in {time.monotonic() - started:.1f} s: {len(findings)} findings")
    if not findings:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(inputs)
    return bool(findings)


def lint(template: str) -> list[str]:
    """What cfn-lint finds in a template, in lines that begin with the rule."""
    from cfnlint.api import lint as cfn_lint  # type: ignore[import-untyped] # noqa: PLC0415 - loading it takes seconds

    matches = cfn_lint(template, config={"ignore_checks": list(UNUSED_RULES), "include_checks": ["I"]})
    return [f"{match.rule.id} {'/'.join(map(str, match.path))}: {match.message}" for match in matches]


def _findings(root: Path, stages: Iterable[Stage]) -> Iterator[str]:
    use_bundled_node()
    from infra.synth import synthesize  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    for stage in stages:
        with tempfile.TemporaryDirectory() as out:
            try:
                stacks = synthesize(root, _options(stage, Path(out))).stacks
            except SynthesisError as error:
                yield f"{stage.name}: {error}"
                continue
            for stack in stacks:
                yield from (f"{stack.stack_name}: {line}" for line in lint(Path(stack.template_full_path).read_text()))


def _inputs(root: Path, stages: Iterable[Stage]) -> str:
    return digest(*(inputs_digest(root, _options(stage, root)) for stage in stages), root=root)


def _options(stage: Stage, out: Path) -> Options:
    return Options(stage=stage, out=out, code="placeholder")


def _say(*lines: str) -> None:
    print(*lines, sep="\n")  # noqa: T201 - a command talks to its terminal


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.lint",
        description="Synthesize every stage and lint every template of it.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--if-changed", action="store_true", help="do nothing if the last run was clean and still holds"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
