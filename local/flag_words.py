"""What can be typed behind `freehold flags`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.stage import STAGES
from local import words

DESCRIPTION = """Feature flags: what is shown to whom, changed without a deployment and in force with the next request.

Without --stage it is the running `make dev`, and you are this machine's user. With it, that stage's function
`operators` is invoked, which only IAM allows, and AWS says who you are."""
EXAMPLES = """examples:
  freehold flags create new-editor --boolean --reason "Ticket 4711: the new editor"
  freehold flags rollout new-editor 25% --by tenant --reason "Ticket 4711: the first quarter"
  freehold flags rule add new-editor --when 'plan in scale,pro' --serve on --reason "Ticket 4711: they asked"
  freehold flags target new-editor acme on --until 30d --reason "Ticket 4712: they try it first"
  freehold flags off new-editor --reason "Incident 12: it loses drafts"
  freehold flags create pricing-page --variants old,new --experiment --reason "Ticket 4720: which one sells?"
  freehold flags rollout pricing-page old=50% new=50% --by member --reason "Ticket 4720: which one sells?"
  freehold flags exposures pricing-page
  freehold flags history new-editor --json
  each with --stage launch for a deployed stage

exit code: 0 done, 1 refused, 2 not understood
More: docs/entitlements.md"""

_RAW = argparse.RawDescriptionHelpFormatter


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What was typed. Ends the process with 2 where that cannot be understood."""
    parser = argparse.ArgumentParser(
        prog="freehold flags", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=_RAW
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _looks(verbs)
    _switches(verbs)
    _shares(verbs)
    _rules(verbs)
    _targets(verbs)
    return parser.parse_args(arguments)


def _looks(verbs: Any) -> None:  # noqa: ANN401 (argparse's)
    _word(verbs, "list", "all flags", key=False, reason=False)
    _word(verbs, "show", "one flag, whole", reason=False)
    _word(verbs, "history", "who has changed it, when and why", reason=False)
    _word(verbs, "exposures", "how many were shown which variant", reason=False)


def _switches(verbs: Any) -> None:  # noqa: ANN401 (argparse's)
    create = _word(verbs, "create", "make a flag")
    kind = create.add_mutually_exclusive_group(required=True)
    kind.add_argument("--boolean", action="store_true", help="on or off; off until you say otherwise")
    kind.add_argument("--variants", help="blue,green or small=10,large=50; the first until you say otherwise")
    kind.add_argument("--file", type=Path, help="a definition as JSON, as `show --json` prints it")
    create.add_argument("--description", help="what it is for")
    create.add_argument("--experiment", action="store_true", help="record who was shown which variant")
    _word(verbs, "on", "let its rules decide; an archived one comes back")
    _word(verbs, "off", "the kill switch: everybody has its off variant, whatever its rules say")
    _word(verbs, "archive", "it is not used any more: off, and kept for its history")


def _shares(verbs: Any) -> None:  # noqa: ANN401 (argparse's)
    serve = _word(verbs, "serve", "one variant for all whom no rule is about")
    serve.add_argument("variant")
    rollout = _word(verbs, "rollout", "shares of all whom no rule is about")
    rollout.add_argument("shares", nargs="+", type=_share, metavar="SHARE", help="25%%, or blue=25%% green=75%%")
    rollout.add_argument("--by", help="tenant, member, or an attribute; as before unless said, and tenant at first")


def _rules(verbs: Any) -> None:  # noqa: ANN401 (argparse's)
    rule = verbs.add_parser("rule", help="add a rule, or remove one", epilog=EXAMPLES, formatter_class=_RAW)
    doing = rule.add_subparsers(dest="doing", required=True, metavar="add | remove")
    add = _word(doing, "add", "serve something where conditions hold")
    add.add_argument("--when", action="append", default=[], help="'plan in scale,pro'; all of several have to hold")
    add.add_argument("--serve", required=True, nargs="+", metavar="VARIANT", help="on, or shares: on=50%% off=50%%")
    add.add_argument("--by", help="what shares are of: tenant unless said")
    add.add_argument("--from", dest="since", type=words.moment, help="2027-01-31, a moment, or 3d from now")
    add.add_argument("--until", type=words.moment, help="likewise")
    add.add_argument("--id", help="its name; rule-1, rule-2, … unless said")
    add.add_argument("--first", action="store_true", help="before the other rules, not behind them")
    remove = _word(doing, "remove", "take one away")
    remove.add_argument("rule", help="its id, as `show` prints it")


def _targets(verbs: Any) -> None:  # noqa: ANN401 (argparse's)
    target = _word(verbs, "target", "a variant for one tenant, or one of its members, whatever the rules say")
    target.add_argument("tenant", help="its id, or a part of its name")
    target.add_argument("variant")
    target.add_argument("--until", type=words.moment, help="2027-01-31, a moment, or 30d from now")
    untarget = _word(verbs, "untarget", "let the rules decide for them again")
    untarget.add_argument("tenant", help="its id, or a part of its name")
    for word in (target, untarget):
        word.add_argument("--member", help="the id of one of its members")


def _word(
    verbs: Any,  # noqa: ANN401 (argparse's)
    name: str,
    says: str,
    *,
    key: bool = True,
    reason: bool = True,
) -> argparse.ArgumentParser:
    word: argparse.ArgumentParser = verbs.add_parser(name, help=says, epilog=EXAMPLES, formatter_class=_RAW)
    if key:
        word.add_argument("key", help="of the flag")
    if reason:
        word.add_argument("--reason", required=True, help="ten characters or more; it stays in the history")
    word.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    word.add_argument("--stage", choices=STAGES, help="a deployed stage, in the account that AWS credentials name")
    return word


def _share(text: str) -> tuple[str | None, float]:
    name, equals, share = text.rpartition("=")
    return (name if equals else None), words.percentage(share)


def serving(written: Sequence[str]) -> str | list[tuple[str | None, float]]:
    """One variant's name, or shares. Raises argparse.ArgumentTypeError."""
    if len(written) == 1 and "=" not in written[0]:
        return written[0]
    return [_share(each) for each in written]
