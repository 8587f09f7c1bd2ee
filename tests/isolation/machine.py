"""The machine: units of work by many callers in several tenants, mishaps included, and a model that must stay equal.

After every step the database equals the model, read past every policy and read through the door; nothing can be read
outside a unit; nothing that the door sets is left; and the connection is idle.
"""

import contextlib
import copy
import json
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from freehold.api_keys import queries as api_keys
from freehold.api_keys.models import ApiKey
from freehold.database import Query, Remembered
from freehold.errors import NotFound, OutcomeUnknown, SessionEnded, Unavailable
from freehold.http.pagination import BEFORE_ALL
from freehold.permissions import API_KEYS_READ, TENANT_READ, Permission
from freehold.tenants import queries as tenants
from product.projects import permissions as may
from product.projects import queries as projects
from product.projects.models import Project as ShownProject
from product.projects.models import ProjectId, Status
from tests.isolation.acts import Act, Known, Target
from tests.isolation.bench import CUTS, Bench, Mishap, Watched
from tests.isolation.checks import Checks
from tests.isolation.ends import end, expect, fits, hash_of, outcome, same_key, same_project
from tests.isolation.model import Actor, Tenant
from tests.isolation.moves import Ending, Put, Script
from tests.isolation.world import Who, World

NOBODY = Actor("", UUID(int=0), frozenset())

SQL = {
    "role": "update app.members set role = %(value)s where tenant_id = %(tenant_id)s and subject = %(subject)s",
    "status": "update app.members set status = %(value)s where tenant_id = %(tenant_id)s and subject = %(subject)s",
    "end": "update app.members set sessions_ended_at = now() - interval '1 hour'"
    " where tenant_id = %(tenant_id)s and subject = %(subject)s",
    "access": "update app.tenants set access = %(value)s::app.access where id = %(tenant_id)s",
    "revoke": "update app.api_keys set revoked_at = now() where tenant_id = %(tenant_id)s and id = %(key)s",
    "move": "update app.tenants set epoch = epoch + 1 where id = %(tenant_id)s",
}


class Machine:
    """One run, with three new tenants and a new door."""

    def __init__(self, bench: Bench, door: type[Watched]) -> None:
        self.bench = bench
        self.db, self.name = bench.door(door)
        founding, _ = bench.door(Watched)
        with contextlib.closing(founding):
            self.world = World(bench.superuser, founding)
        self.tenants = self.world.tenants
        self.project_rows = [UUID(int=0), *(row for tenant in self.tenants for row in tenant.projects)]
        self.key_rows: list[UUID] = [row for tenant in self.tenants for row in tenant.keys]
        self.answered: dict[tuple[UUID, str, str, str], BaseModel] = {}
        self.serial = 0
        self.checks = Checks(bench, self.db, self.world)

    def close(self) -> None:
        self.db.close()

    def change(self, number: int, who: Who, act: Act, key: str | None, mishap: Mishap) -> None:
        known = self._known()
        ended_with = self._change(number, who, act, known, key, mishap)
        if ended_with is OutcomeUnknown and key:
            self._change(number, who, act, known, key, Mishap.NONE)

    def read(self, number: int, who: Who, pick: Target, mishap: Mishap) -> None:
        row, tenant = pick.of(self.project_rows), self.tenants[number]
        actor = tenant.admit(self.world.credentials(number, who), may.PROJECTS_READ)
        wanted = actor if isinstance(actor, type) else None if row in tenant.projects else NotFound
        shown = self._read(number, who, may.PROJECTS_READ, projects.project(ProjectId(row)), mishap, wanted)
        if shown is not None:
            same_project(shown, tenant)

    def read_key(self, number: int, who: Who, pick: Target) -> None:
        row, tenant = pick.of(self.key_rows), self.tenants[number]
        actor = tenant.admit(self.world.credentials(number, who), API_KEYS_READ)
        wanted = actor if isinstance(actor, type) else None if row in tenant.keys else NotFound
        shown = self._read(number, who, API_KEYS_READ, api_keys.api_key(row), Mishap.NONE, wanted)
        if shown is not None:
            same_key(shown, tenant)

    def leaf_through(self, number: int, who: Who, status: Status, limit: int, mishap: Mishap) -> None:
        tenant, seen, cursor = self.tenants[number], [], BEFORE_ALL
        actor = tenant.admit(self.world.credentials(number, who), may.PROJECTS_READ)
        wanted = actor if isinstance(actor, type) else None
        while cursor:
            query = projects.projects(status, limit, cursor)
            page = self._read(number, who, may.PROJECTS_READ, query, mishap, wanted)
            if page is None:
                return
            listed = json.loads(page)
            seen += [UUID(item["id"]) for item in listed["items"]]
            cursor, mishap = listed["next_cursor"], Mishap.NONE
        expected = {Status.ALL: (True, False), Status.ACTIVE: (False,), Status.ARCHIVED: (True,)}[status]
        rows = [row for row, project in tenant.projects.items() if project.archived in expected]
        assert seen == sorted(rows, reverse=True), "a list shows what the tenant has, newest first"

    def ask_where_they_belong(self, number: int, who: Who) -> None:
        person = self.world.credentials(number, who)
        there = [tenant.admit(person, TENANT_READ) for tenant in self.tenants]
        try:
            found = self.db.outside(tenants.tenants_of(self.world.identity(person)))
        except SessionEnded:
            assert SessionEnded in there, "nobody ended these sessions"
            assert not any(isinstance(actor, Actor) for actor in there), "there is a tenant where they were not ended"
            return
        homes = {tenant.id for tenant, actor in zip(self.tenants, there, strict=True) if isinstance(actor, Actor)}
        assert {membership.id for membership in found} == homes, "somebody belongs elsewhere than they are told"

    def decide(self, number: int, decision: tuple[str, Any]) -> None:
        """About the consultant, their key, or the tenant: what holds on the very next request."""
        what, value = decision
        tenant, subject, key = self.tenants[number], self.world.subject(Who.CONSULTANT), self.world.writer_key(number)
        self.world.operate(tenant.id, SQL[what], value=value, subject=subject, key=key)
        [consultant] = [member for member in tenant.members.values() if member.subject == subject]
        match what:
            case "role":
                consultant.role = value
            case "status":
                consultant.status = value
            case "end":
                consultant.ended = True
            case "access":
                tenant.access = value
            case "revoke":
                tenant.keys[key].revoked = True

    def transact(self, number: int, who: Who, script: list[Any], ending: Ending, mishap: Mishap) -> None:
        tenant, neighbour = self.tenants[number], (number + 1) % len(self.tenants)
        actor = tenant.admit(self.world.credentials(number, who), may.PROJECTS_WRITE)
        refused = isinstance(actor, type)
        played = Script(
            self.db,
            copy.deepcopy(tenant),
            NOBODY if refused else actor,
            self.tenants[neighbour],
            self.world.caller(neighbour, Who.OWNER),
            broken=(actor,) if refused else (),
        )
        with self.bench.happening(mishap, self.db, self.name):
            error = end(lambda: self._play(number, who, played, script, ending))
        allowed = (*played.broken, *((Unavailable, OutcomeUnknown) if mishap is Mishap.AFTER else ()))
        fine = isinstance(error, allowed) if error else not played.broken
        assert fine, f"the unit must end with {allowed}, and ends with {error!r}"
        if error is None:
            self._adopt(number, played)
        elif isinstance(error, OutcomeUnknown):
            self._resolve(number, played)
        self._met("unit", error or "done")

    def _change(
        self, number: int, who: Who, act: Act, known: Known, key: str | None, mishap: Mishap
    ) -> type[Exception] | None:
        """What it ended with. The model changes as the database must have."""
        tenant, caller = self.tenants[number], self.world.caller(number, who)
        actor = tenant.admit(self.world.credentials(number, who), act.permission)
        plan = act.plan(tenant, NOBODY if isinstance(actor, type) else actor, known)
        mishap = Mishap.NONE if plan.unsendable else mishap
        once = Remembered(route=type(act).__name__, key=key, request_hash=hash_of(act)) if key else None
        wanted, replays = expect(tenant, actor, plan, once)
        with self.bench.happening(mishap, self.db, self.name):
            answer, error = outcome(lambda: self.db.run(caller, act.permission, plan.write, once=once))
        expected = OutcomeUnknown if mishap in CUTS else wanted
        assert fits(error, expected), f"{act} by {who} must end with {expected}, and ends with {error!r}"
        self._met(act, error or ("replayed" if replays else "done"))
        if wanted is None and not replays and mishap is not Mishap.BEFORE:
            made = answer.row.id if answer else act.find(self.world.read()[number], known)
            self._apply(number, act, actor, known, made)
            if once:
                tenant.answers[actor.principal, once.route, once.key] = once.request_hash
        if answer:
            assert answer.replayed == replays, f"{act} is said to have been done {'now' if replays else 'before'}"
            remembered = (tenant.id, actor.principal, once.route, once.key) if once else None
            self._shows(tenant, answer.row, remembered, replayed=replays)
        return type(error) if error else None

    def _read(
        self, number: int, who: Who, permission: Permission, query: Query[Any], mishap: Mishap, wanted: Any
    ) -> Any:
        """The answer; None where there must be an error, and is."""
        caller = self.world.caller(number, who)
        with self.bench.happening(mishap, self.db, self.name):
            answer, error = outcome(lambda: self.db.one(caller, permission, query))
        expected = Unavailable if mishap is Mishap.SILENT else wanted
        assert fits(error, expected), f"a read by {who} must end with {expected}, and ends with {error!r}"
        self._met("read", error or "done")
        return answer

    def _play(self, number: int, who: Who, played: Script, script: list[Any], ending: Ending) -> None:
        with self.db.transaction(self.world.caller(number, who), may.PROJECTS_WRITE) as tx:
            for move in script:
                self._met("move", getattr(move, "__name__", "put"))
                if isinstance(move, Put):
                    move(tx, played, self._known())
                else:
                    move(tx, played)
            if ending is not Ending.COMMIT:
                played.broken = (Unavailable if ending is Ending.PSYCOPG else ending.value,)
                ending.happen()

    def _resolve(self, number: int, played: Script) -> None:
        """Nobody could know: either all of it happened, or nothing."""
        fresh = self.world.read()[number]
        if fresh != self.tenants[number]:
            assert not played.broken, f"a unit that must have ended with {played.broken} was committed"
            for act, known, plan, _ in played.done:
                if not plan.absent:
                    self._apply(number, act, played.actor, known, act.find(fresh, known))

    def _adopt(self, number: int, played: Script) -> None:
        """It was committed, so all answers can be read."""
        for act, known, plan, pending in played.done:
            row, error = outcome(lambda pending=pending: pending.value)
            assert fits(error, plan.absent), f"{act} must have answered {plan.absent}, and answered {error!r}"
            if row is not None:
                self._apply(number, act, played.actor, known, row.id)

    def _apply(self, number: int, act: Act, actor: Actor, known: Known, made: UUID) -> None:
        act.apply(self.tenants[number], actor, known, made)
        if act.makes:
            {"projects": self.project_rows, "keys": self.key_rows}[act.makes].append(made)

    def _met(self, what: object, how: object) -> None:
        """For the test to see that all of it was tried."""
        names = (one if isinstance(one, str) else type(one).__name__ for one in (what, how))
        self.bench.met[" ".join(names)] += 1

    def _known(self) -> Known:
        self.serial += 1
        return Known(tuple(self.project_rows), tuple(self.key_rows), self.serial)

    def _shows(self, tenant: Tenant, row: BaseModel, remembered: Any, *, replayed: bool) -> None:
        """What was answered is what is there, or, the second time, what was answered before."""
        if replayed:
            assert row == self.answered.get(remembered, row), "a repeated request answers as the first one did"
            return
        if remembered:
            self.answered[remembered] = row
        if isinstance(row, ShownProject) and row.id in tenant.projects:
            same_project(row, tenant)
        if isinstance(row, ApiKey):
            same_key(row, tenant)
