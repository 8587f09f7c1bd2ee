"""What the double can be told that Stripe has no path for, as JSON below `/double`.

    curl -s $DOUBLE/double/faults -d pattern='POST /v1/subscriptions*' -d kind=timeout_after -d times=2
    curl -s $DOUBLE/double/faults -X DELETE
    curl -s $DOUBLE/double/weather -d shuffled=true -d copies=3
    curl -s $DOUBLE/double/events/evt_…/resend -X POST
    curl -s $DOUBLE/double/advance -d seconds=86400

It takes forms as well as JSON, and needs no key: it is on this machine alone.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from local.stripe_double import forms
from local.stripe_double.delivery import Delivery, Weather
from local.stripe_double.engine import Double
from local.stripe_double.faults import Fault, Faults, NoFault
from local.stripe_double.server import Request, Response

type Told = Mapping[str, Any]

_LONGEST_ADVANCE = 10 * 366 * 24 * 60 * 60
_STRICT = ConfigDict(extra="forbid")
_FAULT = TypeAdapter(with_config(_STRICT)(Fault))
_WEATHER = TypeAdapter(with_config(_STRICT)(Weather))


class Untold(Exception):
    """What the double cannot be told."""


class Control:
    """Tells one double."""

    def __init__(self, engine: Double, delivery: Delivery, faults: Faults) -> None:
        self._engine = engine
        self._delivery = delivery
        self._faults = faults

    def answer(self, request: Request) -> Response:
        """One request to a path below /double."""
        try:
            return _json(200, self._done(request))
        except (Untold, NoFault) as error:
            return _json(400, {"error": str(error)})
        except ValidationError as error:
            return _json(400, {"error": _sentence(error)})

    def _done(self, request: Request) -> Told:  # noqa: PLR0911 -- a table of paths
        match request.method, request.path.removeprefix("/double").strip("/").split("/"):
            case "GET", [""]:
                return self._state()
            case "GET", ["faults"]:
                return {"faults": self._faults.waiting()}
            case "POST", ["faults"]:
                self._faults.put(_FAULT.validate_python(dict(_told(request))))
                return {"faults": self._faults.waiting()}
            case "DELETE", ["faults"]:
                self._faults.clear()
                return {"faults": []}
            case "POST", ["weather"]:
                self._delivery.weather = _WEATHER.validate_python({**asdict(self._delivery.weather), **_told(request)})
                return {"weather": asdict(self._delivery.weather)}
            case "GET", ["deliveries"]:
                return {"deliveries": [asdict(attempt) for attempt in self._delivery.attempts]}
            case "POST", ["deliver"]:
                return {"deliveries": [asdict(attempt) for attempt in self._delivery.deliver_waiting()]}
            case "POST", ["events", id_, "resend"]:
                return {"endpoints": self._resend(id_)}
            case "POST", ["advance"]:
                return self._advance(_told(request))
            case _:
                raise Untold(f"The double cannot be told {request.method} {request.path}.")

    def _state(self) -> Told:
        return {
            "now": self._now(),
            "faults": self._faults.waiting(),
            "weather": asdict(self._delivery.weather),
            "waiting": self._delivery.waiting(),
            "endpoints": [{"id": endpoint.id, "url": endpoint.url} for endpoint in self._delivery.endpoints.all()],
        }

    def _now(self) -> int:
        with self._engine.lock:
            return self._engine.world.now()

    def _resend(self, id_: str) -> int:
        with self._engine.lock:
            event = self._engine.world.journal.by_id.get(id_)
        if event is None:
            raise Untold(f"There is no event {id_}.")
        return self._delivery.resend({name: value for name, value in event.items() if not name.startswith("_")})

    def _advance(self, told: Told) -> Told:
        seconds = told.get("seconds")
        if not str(seconds).isdecimal() or not 0 < int(str(seconds)) <= _LONGEST_ADVANCE:
            raise Untold(f"seconds is a whole number from 1 to {_LONGEST_ADVANCE}.")
        self._engine.advance(dt.datetime.fromtimestamp(self._now() + int(str(seconds)), dt.UTC))
        return {"now": self._now()}


def _sentence(error: ValidationError) -> str:
    """Our own where there is one."""
    first = error.errors()[0]
    own = first.get("ctx", {}).get("error")
    return str(own) if own else f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _told(request: Request) -> Told:
    """Raises Untold."""
    try:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return forms.decode(request.body)
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Untold("The body is no JSON.") from None
    except forms.Malformed as error:
        raise Untold(str(error)) from None
    if not isinstance(told, dict):
        raise Untold("The body is an object.")
    return told


def _json(status: int, body: Told) -> Response:
    return Response(status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
