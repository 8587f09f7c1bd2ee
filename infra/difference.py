"""What a deployment would do: two folders of synthesized templates, compared resource by resource.

Ends with 1 where something that holds data would be replaced or removed, unless `--allow` names it.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path

from infra.errors import SynthesisError
from infra.template_changes import Action, Change, Template, changes

_TEMPLATE = ".template.json"
_EXAMPLES = """examples:
  python app.py --stage launch --code placeholder --out build/head   and the same of another checkout into build/base
  freehold difference --base build/base --head build/head            what a deployment would change
  freehold difference --base A --head B --markdown                   for a summary on a page
  freehold difference --base A --head B --allow freehold-launch-messaging/FilesBucket8C2DC7B4
                                                                     once somebody has seen to what it holds"""
_SIGNS: Mapping[Action, str] = {"added": "+", "changed": "~", "replaced": "±", "removed": "-"}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where nothing is lost that nobody has allowed; 2 where there is nothing to compare."""
    options = _parser().parse_args(arguments)
    try:
        found = difference(templates(options.base), templates(options.head))
    except SynthesisError as error:
        _say(str(error), to_error=True)
        return 2
    lost = losses(found, options.allow)
    if options.json:
        _say(json.dumps({"changes": [change.as_dict() for change in found], "lost": [one.name for one in lost]}))
    elif options.markdown:
        _say(markdown(found, lost))
    else:
        _say("\n".join([*map(_line, found), summary(found)]))
    if lost:
        _say("\n".join(_refusal(change) for change in lost), to_error=True)
    return int(bool(lost))


def templates(folder: Path) -> dict[str, Template]:
    """By the name of the stack, whatever folder below it a stage has. Raises SynthesisError."""
    found = {
        path.name.removesuffix(_TEMPLATE): json.loads(path.read_text())
        for path in sorted(folder.rglob(f"freehold-*{_TEMPLATE}"))
    }
    if not found:
        raise SynthesisError(f"{folder} holds no templates: `make synth STAGE=launch` writes some to cdk.out.")
    return found


def difference(base: Mapping[str, Template], head: Mapping[str, Template]) -> list[Change]:
    """Of every stack that either has."""
    stacks = sorted(base.keys() | head.keys())
    return [change for stack in stacks for change in changes(stack, base.get(stack, {}), head.get(stack, {}))]


def losses(found: Iterable[Change], allowed: Sequence[str] = ()) -> list[Change]:
    """Those that lose something and that no pattern allows."""
    return [
        change for change in found if change.loses and not any(fnmatchcase(change.name, allow) for allow in allowed)
    ]


def summary(found: Sequence[Change]) -> str:
    """In one sentence."""
    counted = {action: sum(change.action == action for change in found) for action in _SIGNS}
    said = ", ".join(f"{number} {action}" for action, number in counted.items() if number)
    return f"{said}." if said else "No difference: deploying this changes nothing."


def markdown(found: Sequence[Change], lost: Sequence[Change]) -> str:
    """Stack by stack, what is lost first."""
    lines = ["## Templates", "", summary(found), ""]
    if lost:
        lines += ["**This loses something:**", "", *(f"- {_refusal(change)}" for change in lost), ""]
    for stack, members in groupby(found, key=lambda change: change.stack):
        rows = [
            f"| {change.action} | `{change.kind}` | `{change.resource}` | {_reason(change)} |" for change in members
        ]
        lines += [
            f"<details><summary>{stack}: {len(rows)}</summary>",
            "",
            "| | Type | Resource | What differs |",
            "|---|---|---|---|",
            *rows,
            "",
            "</details>",
            "",
        ]
    return "\n".join(lines)


def _line(change: Change) -> str:
    return f"{_SIGNS[change.action]} {change.name}  {change.kind}  {_reason(change)}".rstrip()


def _reason(change: Change) -> str:
    return f"because {change.because} is another" if change.because else ", ".join(change.properties)


def _refusal(change: Change) -> str:
    return f"{change.name} would be {change.action}, and with it {change.loses}. Meant? `--allow {change.name}`"


def _say(text: str, *, to_error: bool = False) -> None:
    print(text, file=sys.stderr if to_error else sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="freehold difference",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--base", required=True, type=Path, metavar="FOLDER", help="what is deployed, or main")
    parser.add_argument("--head", required=True, type=Path, metavar="FOLDER", help="what would be deployed")
    parser.add_argument(
        "--allow", action="append", default=[], metavar="NAME", help="STACK/RESOURCE that may go; * stands for anything"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for a machine")
    form.add_argument("--markdown", action="store_true", help="for a page")
    return parser


if __name__ == "__main__":
    sys.exit(main())
