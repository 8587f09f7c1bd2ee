"""What somebody is answered who asks what they may: one flight confirms it, and counts what limits have left."""

from collections.abc import Sequence

from freehold.database import Caller, Database
from freehold.decisions.asked import Asked
from freehold.decisions.evaluation import Context
from freehold.decisions.models import Decision, UnknownKey, with_usage
from freehold.limits import queries
from freehold.permissions import DECISIONS_READ


class Answers:
    """For one caller. A context says what is not known here: who uses the tenant's product, and how."""

    def __init__(self, db: Database, caller: Caller) -> None:
        assert isinstance(caller.asked, Asked)  # noqa: S101 (every caller of a route has one)
        self._db, self._caller, self._asked = db, caller, caller.asked
        self._asked.open(db)

    def decision(self, key: str, context: Context) -> Decision:
        """Of one key. Raises UnknownKey, which is confirmed as well, and what the door raises."""
        try:
            found = self._asked.decide(self._db, key, context)
        except UnknownKey:
            self._confirmed(())
            raise
        [decision] = self._confirmed(None if found is None else (found,))
        return decision

    def all(self, context: Context) -> Sequence[Decision]:
        """Of every key that there is, in their order. Raises what the door raises."""
        return self._confirmed(self._asked.decide_all(self._db, context))

    def _confirmed(self, found: Sequence[Decision] | None) -> Sequence[Decision]:
        """Where nothing is known of the tenant yet, the door tells it, and the request begins again."""
        limits = {each.key: each.value["limit"] for each in found or () if each.kind == "limit"}
        used = self._db.one(self._caller, DECISIONS_READ, queries.used(limits))
        return [each if (count := used.get(each.key)) is None else with_usage(each, count) for each in found or ()]
