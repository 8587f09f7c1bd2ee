"""What one request is decided by: it is evaluated from what the process knows, and confirmed by the door.

Where the process knows nothing of the tenant yet, each answer is the caller's default; the door then says what there is
to know, and the request begins again with it before anything has happened.
"""

from collections.abc import Mapping
from typing import Any, Final

from freehold import clock
from freehold.database import Database
from freehold.decisions.book import Book, Caller, Known
from freehold.decisions.evaluation import EMPTY, Context, evaluate, evaluate_all
from freehold.decisions.models import Decision, UnknownKey
from freehold.decisions.snapshot import Snapshot
from freehold.entitlements.document import Plan
from freehold.entitlements.resolution import plan_of
from freehold.errors import ApiError, FeatureNotIncluded, FeatureWithheld, NotAvailable
from freehold.observability import logger

NOTHING_KNOWN: Final = -1
LONGEST_UNIT: Final = 200


class TooLate(Exception):
    """Something was to be decided after the request's first unit of work, which confirms it. Ask for it before."""


class Asked:
    """The decisions of one request; `freehold.callers.Asked` says what the door does with them."""

    def __init__(self, book: Book, caller: Caller) -> None:
        self._book, self._caller = book, caller
        self._known: Known | None = None
        self._snapshot: Snapshot | None = None
        self._is_open = self._is_confirmed = self._is_over = False
        self._refusal: ApiError | None = None
        self._within: list[str] = []
        self._exposures: list[tuple[str, str, str]] = []

    def decide(self, db: Database, key: str, context: Context = EMPTY) -> Decision | None:
        """None where nothing is known of the tenant yet: then the request will begin again. Raises UnknownKey."""
        self.open(db)
        if self._known is None or self._snapshot is None:
            return None
        facts, who = self._known.facts, self._known.who
        return self._noted(evaluate(self._snapshot, facts, who, key, at=clock.now(), context=context))

    def decide_all(self, db: Database, context: Context = EMPTY) -> tuple[Decision, ...] | None:
        """Every key that is not archived. None where nothing is known yet.

        Whoever asks for all has shown none of it: nobody takes part in an experiment by that.
        """
        self.open(db)
        if self._known is None or self._snapshot is None:
            return None
        facts, who = self._known.facts, self._known.who
        return evaluate_all(self._snapshot, facts, who, at=clock.now(), context=context)

    def decide_plan(self, db: Database) -> tuple[Decision, ...]:
        """Every feature and limit; empty where nothing is known yet."""
        self.open(db)
        if self._known is None or self._snapshot is None:
            return ()
        keys = sorted(key for key, kind in self._snapshot.kinds.items() if kind != "flag")
        return tuple(decision for key in keys if (decision := self.decide(db, key)))

    def plan(self, db: Database) -> Plan | None:
        """The one that counts, whether it is agreed, given or paid for; None where nothing is known yet."""
        self.open(db)
        if self._known is None or self._snapshot is None:
            return None
        return plan_of(self._snapshot.catalog, self._known.facts, clock.now())

    def require(self, db: Database, key: str) -> None:
        """Have the request refused unless this is on; the door has the last word."""
        try:
            decision = self.decide(db, key)
        except UnknownKey:
            logger.error("a route requires what neither the plans nor the flags know", key=key)
            self._refusal = self._refusal or NotAvailable(f"There is no {key} here.", rule=f"unknown:{key}")
            return
        if decision is not None and decision.value is not True:
            self._refusal = self._refusal or _refused(decision)

    def limit(self, db: Database, key: str) -> None:
        """Have the request refused unless something of this limit is left: the database looks."""
        if self._is_over:
            raise TooLate(TooLate.__doc__)
        self.open(db)
        self._within.append(key)

    def open(self, db: Database) -> None:
        """Something may be decided: the first unit of work confirms by what.

        What was known when the request first asked, it keeps to: it is that which is confirmed. Raises TooLate where
        a unit has committed that confirmed nothing.
        """
        if self._is_over and not self._is_confirmed:
            raise TooLate(TooLate.__doc__)
        if self._known is None and (known := self._book.known(self._caller)) is not None:
            self._known, self._snapshot = known, self._book.snapshot(db, known.facts.snapshot)
        self._is_open = not self._is_over

    @property
    def versions(self) -> tuple[int, int] | None:
        """Of what it was decided by, until that is confirmed."""
        if not self._is_open:
            return None
        if self._known is None or self._snapshot is None:
            return NOTHING_KNOWN, NOTHING_KNOWN
        return self._known.facts.version, self._snapshot.version

    @property
    def within(self) -> list[str]:
        """The limits of which something has to be left."""
        return self._within

    @property
    def exposures(self) -> list[tuple[str, str, str]]:
        """Which this process has not noted yet."""
        return self._exposures

    @property
    def refusal(self) -> ApiError | None:
        """Of the first requirement that was not met."""
        return self._refusal

    def settle(self) -> None:
        """The first unit has committed: whatever comes after goes by the same, for the request cannot begin again."""
        self._is_confirmed = self._is_confirmed or self._is_open
        self._is_open, self._is_over = False, True
        for exposure in self._exposures:
            self._book.note((self._caller[0], *exposure))
        self._exposures = []

    def learn(self, facts: Mapping[str, Any]) -> None:
        """For the next try."""
        self._book.learn(self._caller, facts)

    def _noted(self, decision: Decision) -> Decision:
        """Whoever takes part in an experiment is written down, once, with the unit that confirms what was decided."""
        if decision.exposed is not None and decision.variant is not None and not self._is_over:
            exposure = decision.key, decision.exposed[:LONGEST_UNIT], decision.variant
            if exposure not in self._exposures and not self._book.is_noted((self._caller[0], *exposure)):
                self._exposures.append(exposure)
        return decision


def _refused(decision: Decision) -> ApiError:
    said = {"key": decision.key, "rule": decision.rule}
    if decision.rule.startswith("dunning:"):
        return FeatureWithheld(**said, lifts=[])
    if decision.kind == "feature":
        return FeatureNotIncluded(**said, lifts=list(decision.lifts))
    return NotAvailable(**said)
