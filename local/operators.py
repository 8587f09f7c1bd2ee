"""What operators do: find a tenant, look at it, act as a member, give it access, agree something with it.

The tenant sees each line of it.

Without --stage it is the database of the running `make dev`, and the operator is this machine's user. With it, that
stage's function `operators` is invoked, which only IAM allows, and AWS says who the operator is.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from infra.stage import STAGES
from local import errors, words
from local.errors import LocalError
from local.operator_door import Asked, Question, on_laptop, said, tenant_named
from local.operator_stage import invoked

_EXAMPLES = """examples:
  freehold operator tenants acme --reason "Ticket 4711: where are they?"
  freehold operator show 01a1fac8-… --reason "Ticket 4711: nothing arrives"
  freehold operator show 01a1fac8-… jobs webhooks --reason "Ticket 4711: nothing arrives"
  freehold operator act-as 01a1fac8-… 01a1fac9-… --minutes 15 --reason "Ticket 4711: to see what they see"
  freehold operator end 01a1fac8-… 01a1facb-…
  freehold operator grant-access 01a1fac8-… --access full --plan pro --until 2027-01-31 --reason "Ticket 4711: a pilot"
  freehold operator end-grant 01a1fac8-… 01a1facd-…
  freehold operator override acme --limit projects=500 --feature sso --rate read=6000/minute --until 2027-12-31 \\
      --reason "Contract 17: a year at more projects"
  freehold operator show 01a1fac8-… decisions --reason "Contract 17: which override was it?"
  freehold operator end-override acme 01a1face-… --reason "Contract 17 has ended"
  each with --stage launch for a deployed stage

exit code: 0 done, 1 refused, 2 not understood"""
_BY_NAME = ("override", "end-override")
_QUESTIONS = {
    "tenants": ("find", ("words",)),
    "act-as": ("act_as", ("tenant", "member", "minutes")),
    "end": ("end", ("tenant", "visit")),
    "grant-access": ("grant_access", ("tenant", "access", "plan", "until")),
    "end-grant": ("end_grant", ("tenant", "grant")),
    "override": ("override", ("tenant", "plan", "features", "limits", "rates", "until")),
    "end-override": ("end_override", ("tenant", "override")),
}
"""By its word: what is asked, and what was typed that goes along."""
_DONE = "What the visit was for is done."
_NOTHING_ENDED = {
    "end": "Nobody acts in this visit: it has ended before, or this tenant has none of this id.",
    "end_grant": "This grant does not hold: it has ended before, or this tenant has none of this id.",
    "end_override": "This override does not hold: it has ended before, this tenant has none of this id, or it is"
    " plans.toml that says it, and that ends it.",
}
_LOOKS = {what: f"{what}:read" for what in ("tenant", "members", "jobs", "webhooks", "audit", "decisions")}


def main() -> None:
    """Ask, and print the answers as JSON."""
    options = options_of(sys.argv[1:])
    with nullcontext(invoked(options.stage)) if options.stage else on_laptop() as ask:
        if options.word in _BY_NAME:
            options.tenant = tenant_named(ask, options.tenant, reason=options.reason)
        for question in questions_of(options):
            print(json.dumps(answer_to(ask, question), indent=2, ensure_ascii=False))
    sys.exit(0)


def answer_to(ask: Asked, question: Question) -> object:
    """What was asked for; a refusal is an error of this command."""
    answer = said(ask, question)
    if answer.get("ended") is False:
        raise LocalError(_NOTHING_ENDED[question["ask"]])
    shown = answer.get("tenants", answer.get("shown", answer))
    return {question["errand"]: shown} if question["ask"] == "show" else shown


def questions_of(options: argparse.Namespace) -> list[Question]:
    """One for each line that the tenant will see."""
    if options.word == "show":
        looks = options.what or list(_LOOKS)
        asked = {"ask": "show", "tenant": options.tenant, "reason": options.reason}
        return [{**asked, "errand": _LOOKS[what]} for what in looks]
    ask, fields = _QUESTIONS[options.word]
    return [{"ask": ask, **{field: getattr(options, field) for field in fields}, "reason": options.reason}]


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """What was typed. Ends the process where that cannot be understood."""
    parser = argparse.ArgumentParser(
        prog="freehold operator",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="word", required=True, metavar=" | ".join(["show", *_QUESTIONS]))
    tenants = verbs.add_parser("tenants", help="find tenants by a part of the name, an id, or an owner's address")
    tenants.add_argument("words")
    show = verbs.add_parser("show", help="look at one tenant")
    show.add_argument("tenant")
    show.add_argument("what", nargs="*", metavar="|".join(_LOOKS), help="all of it, unless said")
    act_as = verbs.add_parser("act-as", help="get a token with which you are a member for a while")
    act_as.add_argument("tenant")
    act_as.add_argument("member")
    act_as.add_argument("--minutes", type=int, default=15, help="1 to 60; 15 unless said")
    end = verbs.add_parser("end", help="stop being one")
    end.add_argument("tenant")
    end.add_argument("visit", help="the id that act-as has printed")
    grant, end_grant = _add_grants(verbs)
    override, end_override = _add_overrides(verbs)
    for word in (tenants, show, act_as, grant, override, end_override):
        word.add_argument("--reason", required=True, help="ten characters or more; the tenant reads it")
    for word in (end, end_grant):
        word.add_argument("--reason", default=_DONE, help="what the tenant reads, if more than that it is done")
    for word in (tenants, show, act_as, end, grant, end_grant, override, end_override):
        word.add_argument("--stage", choices=STAGES, help="a deployed stage, in the account that AWS credentials name")
    options = parser.parse_args(arguments)
    if options.word == "override":
        options.limits, options.rates = dict(options.limits), dict(options.rates)
    if unknown := [what for what in getattr(options, "what", ()) if what not in _LOOKS]:
        parser.error(f"there is no {unknown[0]} to look at: choose of {', '.join(_LOOKS)}.")
    return options


def _add_grants(verbs: Any) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:  # noqa: ANN401 (argparse's)
    grant = verbs.add_parser("grant-access", help="let a tenant in, or keep it out, whatever it has paid")
    grant.add_argument("tenant")
    grant.add_argument("--access", choices=("full", "restricted", "suspended"), default="full")
    grant.add_argument("--plan", help="as plans.toml calls it; the one that it pays for, unless said")
    grant.add_argument("--until", type=words.moment, required=True, help="2027-01-31, or 2027-01-31T12:00:00Z")
    end = verbs.add_parser("end-grant", help="do so no longer")
    end.add_argument("tenant")
    end.add_argument("grant", help="the id that grant-access has printed")
    return grant, end


def _add_overrides(verbs: Any) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:  # noqa: ANN401 (argparse's)
    override = verbs.add_parser("override", help="what was agreed with a tenant, in place of what its plan says")
    override.add_argument("tenant", help="its id, or a part of its name")
    override.add_argument("--plan", help="in place of the one that it pays for")
    override.add_argument("--feature", dest="features", action="append", default=[], help="besides those of its plan")
    override.add_argument("--limit", dest="limits", action="append", default=[], type=words.limit, help="projects=500")
    override.add_argument("--rate", dest="rates", action="append", default=[], type=words.rate, help="read=6000/minute")
    override.add_argument(
        "--until", type=words.moment, help="2027-01-31, a moment, or 90d from now; for good unless said"
    )
    end = verbs.add_parser("end-override", help="agree to it no longer")
    end.add_argument("tenant", help="its id, or a part of its name")
    end.add_argument("override", help="the id that override has printed, or `show <tenant> decisions` shows")
    return override, end


if __name__ == "__main__":
    errors.run(main)
