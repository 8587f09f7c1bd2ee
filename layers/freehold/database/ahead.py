"""What goes ahead of a request's own transaction, in one of its own: whether it may be made at all.

It is in the same flight, and so costs no round trip. It commits whatever becomes of the request, and no lock that it
takes outlives it. Where it is refused, the rest of the flight is not carried out.
"""

import json
from typing import Any

import psycopg

from freehold.callers import Caller, Toll, Working
from freehold.database.flight import Flight, Landing
from freehold.errors import NotAMember, RateLimited, Unauthenticated

LIMITED = "FH429"
STRANGERS = (NotAMember, Unauthenticated)
"""How the door refuses whom it does not know in the tenant that they name."""


class Ahead:
    """The toll of one caller. Raises RateLimited where the process knows already that nothing is left."""

    def __init__(self, caller: Caller | Working | None) -> None:
        self._toll: Toll | None = getattr(caller, "toll", None)
        self._due = self._toll.due(caller) if self._toll else None
        self._landing: Landing | None = None

    def put(self, flight: Flight) -> None:
        """Into the flight, before anything else of it."""
        if self._due:
            flight.put("begin", {})
            self._landing = flight.put(*self._due)
            flight.put("commit", {})

    def told(self, error: psycopg.Error, meaning: Exception) -> Exception:
        """What the failure of the flight means, once more: by now it may be that nothing was left."""
        if self._toll and error.sqlstate == LIMITED:
            limit = json.loads(error.diag.message_detail or "{}")
            self._toll.refused(limit)
            return RateLimited(rule=limit["rule"])
        if self._toll and isinstance(meaning, STRANGERS):
            self.landed()
            self._toll.turned_away()
        return meaning

    def landed(self) -> None:
        """Whatever has become of the request, what was answered ahead of it holds."""
        landing, self._landing = self._landing, None
        answer: tuple[Any] | None = landing.fetchone() if landing else None
        if self._toll and answer is not None:
            self._toll.answered(answer[0])
