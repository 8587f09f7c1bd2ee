"""One word at a route: what the tenant's plan has to include, and of which limit something has to be left.

    @router.post("/exports", dependencies=[requires("audit_export"), within("exports")])

The answer comes from what the process knows, costs no round trip, and is confirmed in the request's own one: a change
of the plan or of a flag is in force with the next request, and nobody is refused by what does not hold any more.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends

from freehold.database import Caller, Database
from freehold.decisions.asked import Asked
from freehold.decisions.evaluation import EMPTY, Context
from freehold.decisions.models import Decision, UnknownKey
from freehold.http.dependencies import CurrentCaller, Db
from freehold.observability import logger


def requires(key: str) -> Any:  # noqa: ANN401 (FastAPI's own type)
    """A feature, or a flag that is on or off: without it the answer is 402 or 403, with the rule."""

    async def guard(caller: CurrentCaller, db: Db) -> None:
        require(caller, db, key)

    return Depends(guard)


def require(caller: Caller, db: Database, key: str) -> None:
    """Likewise, where the request itself says what it needs: before its first unit of work."""
    _asked(caller).require(db, key)


def within(key: str) -> Any:  # noqa: ANN401 (FastAPI's own type)
    """A limit of which something is left as the request begins: else the answer is 402. Tables hold what is written."""

    async def guard(caller: CurrentCaller, db: Db) -> None:
        _asked(caller).limit(db, key)

    return Depends(guard)


type Object = Mapping[str, Any]


class Decisions:
    """What a handler asks for values of flags. Ask before the first unit of work: it confirms what you went by."""

    def __init__(self, asked: Asked, db: Database) -> None:
        self._asked, self._db = asked, db
        asked.open(db)

    def boolean(self, key: str, *, default: bool, context: Context = EMPTY) -> bool:
        """The value, or `default` where there is none of this kind."""
        value = self._value(key, context)
        return value if isinstance(value, bool) else default

    def string(self, key: str, default: str, context: Context = EMPTY) -> str:
        """The value, or `default` where there is none of this kind."""
        value = self._value(key, context)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: float, context: Context = EMPTY) -> float:
        """The value, or `default` where there is none of this kind."""
        value = self._value(key, context)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else default

    def object(self, key: str, default: Object, context: Context = EMPTY) -> Object:
        """The value, or `default` where there is none of this kind."""
        value = self._value(key, context)
        return value if isinstance(value, dict) else default

    def features(self) -> tuple[str, ...]:
        """Those that the tenant has now, in order."""
        return tuple(each.key for each in self._asked.decide_plan(self._db) if each.value is True)

    def limits(self) -> dict[str, int | None]:
        """The most that the tenant may have of each thing now; None is no limit."""
        return {each.key: each.value["limit"] for each in self._asked.decide_plan(self._db) if each.kind == "limit"}

    def plan(self) -> str | None:
        """The id of the plan that counts, whether it is agreed, given or paid for; None before anything is known."""
        plan = self._asked.plan(self._db)
        return plan.id if plan else None

    def decision(self, key: str, context: Context = EMPTY) -> Decision | None:
        """The whole of it; None where nobody knows this key."""
        try:
            return self._asked.decide(self._db, key, context)
        except UnknownKey:
            logger.warning("nobody knows this key", key=key)
            return None

    def _value(self, key: str, context: Context) -> Any:  # noqa: ANN401 (any JSON)
        decision = self.decision(key, context)
        return None if decision is None else decision.value


def _asked(caller: Caller) -> Asked:
    asked = caller.asked
    assert isinstance(asked, Asked)  # noqa: S101 (every caller of a route has one)
    return asked


async def _decisions(caller: CurrentCaller, db: Db) -> Decisions:
    return Decisions(_asked(caller), db)


CurrentDecisions = Annotated[Decisions, Depends(_decisions)]
