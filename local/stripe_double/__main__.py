"""Looks at the double of Stripe in the running `make dev`, lets its time pass, and breaks it to order.

What people click at are its pages: a checkout's address comes from POST /v1/billing/checkout, the portal's from
POST /v1/billing/portal, and an invoice's stands in it. Its API takes the key that is shown.
"""

import argparse
import datetime as dt
import json
import math
import re
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import psycopg
from psycopg.conninfo import make_conninfo

from local import errors, instance
from local.errors import LocalError
from local.postgres import SUPERUSER
from local.stripe_double.faults import KINDS
from local.stripe_double.service import SECRET_KEY, WEBHOOK_SECRET, StripeDouble

type Object = dict[str, Any]

_EXAMPLES = """examples:
  freehold stripe                                           where it is, what time it has, what is set
  freehold stripe advance 01a1fac8-… 15d                    a tenant's trial ends, if it was for 14 days
  freehold stripe advance cus_… 1h                          a draft invoice is finalized
  freehold stripe advance 35d                               for everybody
  freehold stripe events --about cus_… --limit 20
  freehold stripe resend evt_…                              once more, as Stripe does by itself
  freehold stripe faults 'POST /v1/subscriptions*' timeout_after --times 2
  freehold stripe faults                                    those that wait; --clear forgets them
  freehold stripe weather --copies 3 --shuffled yes --dropped 0.1
  freehold stripe serve --port 12111                        it alone, until Ctrl-C

exit code: 0 done, 1 refused, 2 not understood"""
_LINK = "select subject from directory.stripe_links where tenant_id = %s and subject like 'cus_%%'"
_DURATION = re.compile(r"(\d{1,5})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_STEP_SECONDS = 14 * 86400
"""A test clock goes at most two intervals of its shortest subscription at once; a week is the shortest in use."""
_PATIENCE_SECONDS = 60
_MOST_EVENTS = 100
"""That Stripe lists at once."""


def main() -> None:
    """0 when it is done."""
    options = parse(sys.argv[1:])
    if options.verb == "serve":
        _serve(options)
    else:
        with httpx.Client(base_url=_address(), timeout=_PATIENCE_SECONDS, trust_env=False) as double:
            print(json.dumps(run(double, options), indent=2, ensure_ascii=False))
    sys.exit(0)


def run(double: httpx.Client, options: argparse.Namespace) -> object:
    """What is printed. Raises LocalError for a refusal."""
    match options.verb:
        case "advance":
            return _advance(double, options.who, options.by)
        case "events":
            return _events(double, options.about, options.limit)
        case "resend":
            return _told(double, "POST", f"/double/events/{options.event}/resend")
        case "faults":
            return _faults(double, options)
        case "weather":
            set_ = {name: vars(options)[name] for name in ("copies", "shuffled", "dropped", "delay_seconds")}
            return _told(
                double, "POST", "/double/weather", {name: one for name, one in set_.items() if one is not None}
            )
        case _:
            return {"url": str(double.base_url), "secret_key": SECRET_KEY, **_told(double, "GET", "/double")}


def _advance(double: httpx.Client, who: str | None, by: int) -> object:
    """A customer's own clock; without a customer the double's, and with it those that go on by themselves."""
    clock = _stripe(double, "GET", f"/v1/customers/{_payer(who)}")["test_clock"] if who else None
    if clock is None:
        return {
            "moved": "everybody, but those on a test clock that somebody made",
            **_told(double, "POST", "/double/advance", {"seconds": by}),
        }
    path = f"/v1/test_helpers/test_clocks/{clock}"
    now = _stripe(double, "GET", path)["frozen_time"]
    until = now + by
    while now < until:
        now = min(until, now + _STEP_SECONDS)
        _stripe(double, "POST", f"{path}/advance", {"frozen_time": now})
    return {"moved": clock, "now": dt.datetime.fromtimestamp(until, dt.UTC).isoformat()}


def _payer(who: str) -> str:
    return (
        who if who.startswith("cus_") else customer_of(who, make_conninfo(instance.require().database, user=SUPERUSER))
    )


def customer_of(tenant: str, conninfo: str) -> str:
    """Who a tenant is at Stripe. Raises LocalError where it is nobody."""
    try:
        with psycopg.connect(conninfo) as connection:
            row = connection.execute(_LINK, [tenant]).fetchone()
    except psycopg.DataError:
        raise LocalError(f"{tenant} is neither a tenant's id nor a customer's (cus_…).") from None
    if row is None:
        raise LocalError(f"The tenant {tenant} is no customer yet: it has been to no checkout.")
    return str(row[0])


def _events(double: httpx.Client, about: str | None, limit: int) -> object:
    listed: list[Object] = _stripe(double, "GET", "/v1/events", {"limit": _MOST_EVENTS})["data"]
    mine = [
        one for one in listed if about in {None, one["data"]["object"].get("customer"), one["data"]["object"]["id"]}
    ]
    return [
        {
            "id": one["id"],
            "type": one["type"],
            "created": dt.datetime.fromtimestamp(one["created"], dt.UTC).isoformat(),
            "object": one["data"]["object"]["id"],
        }
        for one in mine[:limit]
    ]


def _faults(double: httpx.Client, options: argparse.Namespace) -> object:
    if options.clear:
        return _told(double, "DELETE", "/double/faults")
    if options.pattern is None:
        return _told(double, "GET", "/double/faults")
    fault = {"pattern": options.pattern, "kind": options.kind, "times": options.times, "seconds": options.seconds}
    return _told(double, "POST", "/double/faults", fault)


def _stripe(double: httpx.Client, method: str, path: str, params: Mapping[str, Any] | None = None) -> Object:
    """An answer of the API. Raises LocalError for a refusal."""
    where = {"params": params} if method == "GET" else {"data": params}
    answer = _sent(double, method, path, headers={"Authorization": f"Bearer {SECRET_KEY}"}, **where)
    if "error" in answer:
        raise LocalError(answer["error"]["message"])
    return answer


def _told(double: httpx.Client, method: str, path: str, told: Mapping[str, Any] | None = None) -> Object:
    """An answer of the double itself. Raises LocalError for a refusal."""
    answer = _sent(double, method, path, **({"json": told} if told is not None else {}))
    if "error" in answer:
        raise LocalError(answer["error"])
    return answer


def _sent(double: httpx.Client, method: str, path: str, **more: Any) -> Object:  # noqa: ANN401 -- httpx's
    try:
        answer: Object = double.request(method, path, **more).json()
    except (httpx.HTTPError, ValueError) as error:
        raise LocalError(f"The double at {double.base_url} does not answer: {error}") from error
    return answer


def _address() -> str:
    found = instance.require().stripe
    if not found:
        raise LocalError("The running `make dev` has no double of Stripe: it was started with a key of a real account.")
    return found


def _serve(options: argparse.Namespace) -> None:
    with StripeDouble(port=options.port, endpoint=options.endpoint, courier=True) as double:
        print(f"{double.url}  key {double.secret_key}  webhooks signed with {WEBHOOK_SECRET}", flush=True)
        threading.Event().wait()


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises SystemExit with 2 for what is not understood."""
    parser = argparse.ArgumentParser(
        prog="freehold stripe",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="{advance,events,resend,faults,weather,serve}")
    advance = verbs.add_parser("advance", help="let time pass")
    advance.add_argument("who", nargs="?", help="a customer or a tenant; everybody, unless said")
    advance.add_argument("by", type=_duration, help="90s, 30m, 12h, 3d or 2w")
    events = verbs.add_parser("events", help="show what happened, newest first")
    events.add_argument("--about", metavar="ID", help="only of this customer, or this object")
    events.add_argument("--limit", type=_count, default=20, help="at most so many, 1 to 100 (20)")
    resend = verbs.add_parser("resend", help="deliver an event once more")
    resend.add_argument("event")
    faults = verbs.add_parser("faults", help="let requests fail")
    faults.add_argument("pattern", nargs="?", help="a method and a path, with stars")
    faults.add_argument("kind", nargs="?", default="500", choices=KINDS)
    faults.add_argument("--times", type=int, default=1, help="how many requests it hits (1)")
    faults.add_argument("--seconds", type=_number, default=30, help="how long `slow` and a timeout last (30)")
    faults.add_argument("--clear", action="store_true", help="forget those that wait")
    weather = verbs.add_parser("weather", help="lose, double, delay and mix up events on their way")
    weather.add_argument("--copies", type=int, help="how often each is sent")
    weather.add_argument("--shuffled", choices=("yes", "no"), help="in no order")
    weather.add_argument("--dropped", type=_number, help="the share that is lost, from 0 to 1")
    weather.add_argument("--delay-seconds", type=_number, help="how long each is on its way")
    serve = verbs.add_parser("serve", help="run it alone")
    serve.add_argument("--port", type=int, default=12111, help="where it listens, on loopback (12111)")
    serve.add_argument("--endpoint", help="where its events go")
    return parser.parse_args(words)


def _duration(text: str) -> int:
    """Seconds."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 90s, 30m, 12h, 3d or 2w.")
    return int(found[1]) * _SECONDS[found[2]]


def _count(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _MOST_EVENTS):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {_MOST_EVENTS}.")
    return int(text)


def _number(text: str) -> float:
    """One that JSON has, too."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no number: write one like 5 or 0.1.")
    return number


if __name__ == "__main__":
    errors.run(main)
