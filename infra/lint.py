"""Lints the CloudFormation of every stage: `python -m infra.lint --help`.

Synthesis itself fails on what cdk-nag finds; cfn-lint then holds the templates against AWS's own schemas, and
infra/rules holds them against what this project promises.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.clean import Clean
from infra.digest import digest, inputs_digest
from infra.errors import SynthesisError
from infra.rules import SUBJECTS, broken
from infra.rules.code import READ
from infra.rules.values import Template
from infra.stage import STAGES, Stage
from infra.templates import options_of, templates_of

ROOT = Path(__file__).resolve().parents[1]

UNUSED_RULES = {
    "I1022": "CDK writes Fn::Join where Fn::Sub would be shorter; nobody reads either",
    "W3005": "CDK names dependencies that a reference already implies; they change nothing",
}
"""Rule of cfn-lint, and why its findings help nobody."""

_EXAMPLE = """example:
  python -m infra.lint --if-changed      nothing to do where it was clean and nothing has changed since
  python -m infra.lint --rules           what every stage keeps, as docs/reference/rules.md has it"""
_MOST_PROCESSES = 4

type _Linted = tuple[str, Stage, Template, Future[list[str]]]
"""The stack, its stage, what was shown of it, and what cfn-lint is going to say."""


def main(
    arguments: Sequence[str],
    *,
    root: Path = ROOT,
    stages: Collection[Stage] = tuple(STAGES.values()),
    manifest: Sequence[Function] = FUNCTIONS,
) -> int:
    """Print one line per finding; 1 where there is any."""
    asked = _parser().parse_args(arguments)
    if asked.rules:
        _say(*(f"{rule.name}: {rule.says}" for rules in SUBJECTS.values() for rule in rules))
        return 0
    stamp, inputs = root / "build" / "lint.digest", _inputs(root, stages)
    if asked.if_changed and stamp.is_file() and stamp.read_text() == inputs:
        return 0
    stamp.unlink(missing_ok=True)
    clean = Clean(root / "build" / "lint.clean")
    started, findings = time.monotonic(), list(_findings(root, stages, manifest, clean))
    clean.save()
    _say(*findings, f"Linted {len(stages)} stages in {time.monotonic() - started:.1f} s: {len(findings)} findings")
    if not findings:
        stamp.write_text(inputs)
    return bool(findings)


def lint(template: str) -> list[str]:
    """What cfn-lint finds in a template, in lines that begin with the rule."""
    from cfnlint.api import lint as cfn_lint  # type: ignore[import-untyped] # noqa: PLC0415 - loading it takes seconds

    matches = cfn_lint(template, config={"ignore_checks": list(UNUSED_RULES), "include_checks": ["I"]})
    return [f"{match.rule.id} {'/'.join(map(str, match.path))}: {match.message}" for match in matches]


def _findings(root: Path, stages: Iterable[Stage], manifest: Sequence[Function], clean: Clean) -> Iterator[str]:
    """cfn-lint works beside the synthesis of the next stage, in processes of its own."""
    processes = min(_MOST_PROCESSES, os.process_cpu_count() or 1)
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        linted: list[_Linted] = []
        for stage in stages:
            try:
                templates = _templates(root, stage, manifest)
            except SynthesisError as error:
                yield f"{stage.name}: {error}"
                continue
            linted += _begin(pool, templates, stage, clean)
            yield from broken(templates, stage=stage, manifest=manifest)
        for stack, stage, part, lines in linted:
            if not lines.result():
                clean.remember(part, stage.name)
            yield from (f"freehold-{stage.name}-{stack}: {line}" for line in lines.result())


def _templates(root: Path, stage: Stage, manifest: Sequence[Function]) -> dict[str, Template]:
    """By the last word of their stack's name, in the order of a deploy."""
    return {name.rpartition("-")[2]: dict(found) for name, found in templates_of(stage, root, manifest).items()}


def _begin(pool: ProcessPoolExecutor, templates: dict[str, Template], stage: Stage, clean: Clean) -> Iterator[_Linted]:
    for stack in sorted(templates, key=lambda name: -len(templates[name]["Resources"])):
        part = clean.new_part(templates[stack], stage.name)
        if part is not None:
            yield stack, stage, part, pool.submit(lint, json.dumps(part))


def _inputs(root: Path, stages: Iterable[Stage]) -> str:
    read = digest(paths=READ, root=ROOT)
    return digest(read, *(inputs_digest(root, options_of(stage, root)) for stage in stages), root=root)


def _say(*lines: str) -> None:
    print(*lines, sep="\n")  # noqa: T201 - a command talks to its terminal


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.lint",
        description="Synthesize every stage, lint every template of it, and hold it to the project's rules.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--if-changed", action="store_true", help="do nothing if the last run was clean and still holds"
    )
    parser.add_argument("--rules", action="store_true", help="list the rules and end")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
