"""Doors with a planted fault each, of the kinds that applications have: the machine has to find every one."""

from contextlib import contextmanager, suppress

from freehold.database import Statement
from freehold.errors import OutcomeUnknown
from tests.isolation.bench import Watched


class KeepsTheTenant(Watched):
    """Its tenant is a setting of the session, not of the transaction."""

    def _entering(self, caller, permission, once=None):
        keep = "select set_config('app.tenant_id', %(tenant_id)s::text, false)"
        return [
            *super()._entering(caller, permission, once),
            Statement(keep, {"tenant_id": caller.tenant_id}, lambda _: None),
        ]


class ForgetsWhose(Watched):
    """It keeps answers by question, and not by tenant."""

    def __init__(self, where):
        super().__init__(where)
        self._kept = {}

    def one(self, caller, permission, query):
        question = query.sql, *query.params.values()
        if question not in self._kept:
            self._kept[question] = super().one(caller, permission, query)
        return self._kept[question]


class RemembersWhoMayEnter(Watched):
    """Whoever came to a tenant first makes way for everybody after them."""

    def __init__(self, where):
        super().__init__(where)
        self._kept = {}

    def _entering(self, caller, permission, once=None):
        return super()._entering(self._kept.setdefault((caller.tenant_id, permission.name), caller), permission, once)


class NeverRollsBack(Watched):
    """It leaves its connection as an error has left it."""

    @contextmanager
    def _unit(self, caller, first, *, read_only=False):
        with super()._unit(caller, first, read_only=read_only) as unit:
            unit.leave = lambda: None
            yield unit


class CommitsWhatever(Watched):
    """What was done before the application raised an error is kept."""

    @contextmanager
    def transaction(self, caller, permission):
        mistakes = []
        with super().transaction(caller, permission) as tx:
            try:
                yield tx
            except ValueError as mistake:
                mistakes.append(mistake)
        for mistake in mistakes:
            raise mistake


class RepeatsChanges(Watched):
    """What may have been done is done again."""

    def run(self, caller, permission, write, *, once=None):
        try:
            return super().run(caller, permission, write, once=once)
        except OutcomeUnknown:
            with suppress(Exception):
                super().run(caller, permission, write, once=once)
            raise
