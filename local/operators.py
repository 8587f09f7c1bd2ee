"""What operators do: find a tenant, look at it, act as a member, give it access. The tenant sees each line of it.

Without --stage it is the database of the running `make dev`, and the operator is this machine's user. With it, that
stage's function `operators` is invoked, which only IAM allows, and AWS says who the operator is.
"""

import argparse
import getpass
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from infra.stage import STAGES
from local import errors
from local.errors import LocalError
from local.invoke import variables
from local.operator_stage import invoked

type Question = dict[str, Any]
type Asked = Callable[[Question], Mapping[str, Any]]

_EXAMPLES = """examples:
  freehold operator tenants acme --reason "Ticket 4711: where are they?"
  freehold operator show 01a1fac8-… --reason "Ticket 4711: nothing arrives"
  freehold operator show 01a1fac8-… jobs webhooks --reason "Ticket 4711: nothing arrives"
  freehold operator act-as 01a1fac8-… 01a1fac9-… --minutes 15 --reason "Ticket 4711: to see what they see"
  freehold operator end 01a1fac8-… 01a1facb-…
  freehold operator grant-access 01a1fac8-… --access full --plan pro --until 2027-01-31 --reason "Ticket 4711: a pilot"
  freehold operator end-grant 01a1fac8-… 01a1facd-…
  each with --stage launch for a deployed stage

exit code: 0 done, 1 refused, 2 not understood"""
_DONE = "What the visit was for is done."
_NOTHING_ENDED = {
    "end": "Nobody acts in this visit: it has ended before, or this tenant has none of this id.",
    "end_grant": "This grant does not hold: it has ended before, or this tenant has none of this id.",
}
_LOOKS = {what: f"{what}:read" for what in ("tenant", "members", "jobs", "webhooks", "audit")}


def main() -> None:
    """Ask, and print the answers as JSON."""
    options = options_of(sys.argv[1:])
    with nullcontext(invoked(options.stage)) if options.stage else _on_laptop() as ask:
        for question in questions_of(options):
            print(json.dumps(answer_to(ask, question), indent=2, ensure_ascii=False))
    sys.exit(0)


def answer_to(ask: Asked, question: Question) -> object:
    """What was asked for; a refusal is an error of this command."""
    answer = ask(question)
    if "error" in answer:
        raise LocalError(str(answer["error"]))
    if answer.get("ended") is False:
        raise LocalError(_NOTHING_ENDED[question["ask"]])
    shown = answer.get("tenants", answer.get("shown", answer))
    return {question["errand"]: shown} if question["ask"] == "show" else shown


@contextmanager
def _on_laptop() -> Iterator[Asked]:
    """The code of the function, in this process. Its settings are read when it is imported."""
    with variables() as given:
        os.environ.update(given)
        from freehold.database import database  # noqa: PLC0415 (after its settings)
        from functions.operators.questions import answered  # noqa: PLC0415 (likewise)

        with closing(database("freehold_operator")) as door:
            yield lambda question: answered(door, question, operator=getpass.getuser(), request_id=str(uuid.uuid4()))


def questions_of(options: argparse.Namespace) -> list[Question]:
    """One for each line that the tenant will see."""
    asked = {"reason": options.reason}
    match options.word:
        case "tenants":
            return [{"ask": "find", "words": options.words, **asked}]
        case "show":
            looks = options.what or list(_LOOKS)
            return [{"ask": "show", "tenant": options.tenant, "errand": _LOOKS[what], **asked} for what in looks]
        case "act-as":
            who = {"tenant": options.tenant, "member": options.member, "minutes": options.minutes}
            return [{"ask": "act_as", **who, **asked}]
        case "grant-access":
            given = {"access": options.access, "plan": options.plan, "until": options.until}
            return [{"ask": "grant_access", "tenant": options.tenant, **given, **asked}]
        case "end-grant":
            return [{"ask": "end_grant", "tenant": options.tenant, "grant": options.grant, **asked}]
        case _:
            return [{"ask": "end", "tenant": options.tenant, "visit": options.visit, **asked}]


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """What was typed. Ends the process where that cannot be understood."""
    parser = argparse.ArgumentParser(
        prog="freehold operator",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(
        dest="word", required=True, metavar="tenants | show | act-as | end | grant-access | end-grant"
    )
    tenants = words.add_parser("tenants", help="find tenants by a part of the name, an id, or an owner's address")
    tenants.add_argument("words")
    show = words.add_parser("show", help="look at one tenant")
    show.add_argument("tenant")
    show.add_argument("what", nargs="*", metavar="|".join(_LOOKS), help="all of it, unless said")
    act_as = words.add_parser("act-as", help="get a token with which you are a member for a while")
    act_as.add_argument("tenant")
    act_as.add_argument("member")
    act_as.add_argument("--minutes", type=int, default=15, help="1 to 60; 15 unless said")
    end = words.add_parser("end", help="stop being one")
    end.add_argument("tenant")
    end.add_argument("visit", help="the id that act-as has printed")
    grant, end_grant = _add_grants(words)
    for word in (tenants, show, act_as, grant):
        word.add_argument("--reason", required=True, help="ten characters or more; the tenant reads it")
    for word in (end, end_grant):
        word.add_argument("--reason", default=_DONE, help="what the tenant reads, if more than that it is done")
    for word in (tenants, show, act_as, end, grant, end_grant):
        word.add_argument("--stage", choices=STAGES, help="a deployed stage, in the account that AWS credentials name")
    options = parser.parse_args(arguments)
    if unknown := [what for what in getattr(options, "what", ()) if what not in _LOOKS]:
        parser.error(f"there is no {unknown[0]} to look at: choose of {', '.join(_LOOKS)}.")
    return options


def _add_grants(words: Any) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:  # noqa: ANN401 (argparse's)
    grant = words.add_parser("grant-access", help="let a tenant in, or keep it out, whatever it has paid")
    grant.add_argument("tenant")
    grant.add_argument("--access", choices=("full", "restricted", "suspended"), default="full")
    grant.add_argument("--plan", help="as plans.toml calls it; the one that it pays for, unless said")
    grant.add_argument("--until", type=_moment, required=True, help="2027-01-31, or 2027-01-31T12:00:00Z")
    end = words.add_parser("end-grant", help="do so no longer")
    end.add_argument("tenant")
    end.add_argument("grant", help="the id that grant-access has printed")
    return grant, end


def _moment(text: str) -> str:
    """A day is its beginning in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        says = f"{text!r} is no day and no moment: write 2027-01-31, or 2027-01-31T12:00:00Z."
        raise argparse.ArgumentTypeError(says) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


if __name__ == "__main__":
    errors.run(main)
