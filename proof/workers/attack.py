"""Hands every worker forged messages, and looks at what became of everybody's rows.

A message is made for each tenant; then a hostile tenant's is sent in its place: with ids of the other tenant, ids of
nothing, a tenant that is gone, a wrong token, nonsense. It may change rows of the tenant that it names, and nothing of
anybody else; and nothing may come to stand there that it did not bring along itself. In the end each tenant's own
message has to do something, or the worker was not attacked at all.
"""

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from local.errors import LocalError
from proof.http.principals import Tenant
from proof.http.readings import readings
from proof.http.resources import Resources
from proof.http.rows import NOBODY, Rows, changed
from proof.http.stage import Stage
from proof.http.world import World
from proof.tally import Tally
from proof.workers import jobs
from proof.workers.messages import Example, Json, absent, at, examples, fresh, names
from proof.workers.messages import changed as with_another

FAMILY = "workers"
OF_NO_TENANT = ("stripe_events",)
"""What these are handed comes from Stripe and names no tenant of ours, so none can be put in its place; tests/billing
forges it."""
MALFORMED = ("", "null", "[]", "{}", "not json", '{"detail": null}', '{"tenant_id": [], "job_id": 1, "token": {}}')
NO_MESSAGE = "no message could be made for it: put an example under events/, with the tenant's id as MessageGroupId"

type AfterStep = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """The workers that are attacked; nothing named means all of them."""

    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forged:
    """A message, in whose name it is, and whether that tenant's own rows may change by it."""

    name: str
    body: str
    group: str
    may_change: bool = True


def attack(stage: Stage, focus: Focus | None = None, after_step: AfterStep = lambda _done, _of: None) -> Tally:
    """Everything that was found."""
    tally = Tally()
    stage.cold_start()
    wanted = (focus or Focus()).functions
    queued = sorted((f for f in FUNCTIONS if f.queue and f.name not in OF_NO_TENANT), key=_in_order)
    with Rows(stage.superuser) as rows:
        try:
            world = World(stage, rows)
            Resources(world).furnish((world.a, world.b))
            for number, function in enumerate(queued):
                # What one does is what the next one works on.
                found = Tally() if wanted and function.name not in wanted else tally
                _Attack(world, function, found).run()
                after_step(number + 1, len(queued))
        except LocalError as nobody_there:
            tally.unarmed.append(str(nobody_there))
    return tally


def _in_order(function: Function) -> tuple[bool, bool]:
    """Events become jobs: those who hear of events come first, whoever is handed jobs last."""
    return not function.events, any(example.is_of_a_job for example in examples(function))


class _Attack:
    """Tenant B is hostile, and A the victim."""

    def __init__(self, world: World, function: Function, tally: Tally) -> None:
        self._world, self._rows, self._function, self._tally = world, world.rows, function, tally
        self._us, self._them = world.b, world.a
        self._moved: set[str] = set()

    def run(self) -> None:
        """Each example of the function's queue, or of the functions that it shares its code with."""
        found = [e for e in examples(self._function) if self._is_its_own(e)]
        for example in found:
            self._attack(example)
        if not found:
            self._tally.unarmed.append(f"{self._function.name}: {NO_MESSAGE}")
        elif {self._us.id, self._them.id} - self._moved:
            self._tally.unarmed.append(f"{self._function.name}: a tenant's own message does nothing")

    def _is_its_own(self, example: Example) -> bool:
        """Functions of one folder have a queue each, which its address tells; a job looks the same in all of them."""
        queue = self._function.queue
        shared = sum(1 for f in FUNCTIONS if f.code == self._function.code) > 1
        address = str(example.record["eventSourceARN"])
        return not shared or example.is_of_a_job or (queue is not None and address.endswith(f"-{queue.name}"))

    def _attack(self, example: Example) -> None:
        ours, theirs = (self._body(example, tenant) for tenant in (self._us, self._them))
        for forged in (*self._forgeries(example, ours, theirs), *self._of_jobs(example, theirs)):
            self._send(example, forged)
        for tenant, body in ((self._us, ours), (self._them, theirs)):
            self._arm(example, tenant, body)

    def _body(self, example: Example, tenant: Tenant) -> Json:
        rows = self._rows.of(tenant.id)
        if example.is_of_a_job and self._function.queue:
            return jobs.handed(self._rows, tenant.id, self._function.queue.name)
        body = example.of(tenant.id, rows)
        events = [row for row in rows.get("app.outbox", ()) if row["type"] == example.event_type]
        if events:
            real = {name: events[0][name] for name in body["detail"] if name in events[0]}
            body["detail"] = {**body["detail"], **real}
        return body

    def _forgeries(self, example: Example, ours: Json, theirs: Json) -> Iterator[Forged]:
        us, them = self._us.id, self._them.id
        yield Forged("their message in our name", json.dumps(theirs).replace(them, us), us)
        for path in names(ours):
            try:
                foreign = at(theirs, path)
            except (LookupError, TypeError):
                continue
            if foreign != at(ours, path) and us not in str(at(ours, path)):
                place = ".".join(map(str, path))
                yield Forged(f"our message with their {place}", json.dumps(with_another(_new(ours), path, foreign)), us)
        if not example.is_of_a_job:
            yield from self._that_name_both(_new(ours))
        nothing = json.dumps(_new(ours)).replace(us, "OURS")
        yield Forged("our message about nothing", absent(nothing).replace("OURS", us), us)
        yield Forged(
            "a message of a tenant that is gone", json.dumps(_new(ours)).replace(us, str(uuid4())), us, may_change=False
        )
        yield from (Forged(f"{body!r}", body, us, may_change=False) for body in MALFORMED)

    def _that_name_both(self, ours: Json) -> Iterator[Forged]:
        """A worker that believes more than one place may believe the wrong one."""
        us, them = self._us.id, self._them.id
        more = {"tenant_id": them, "tenant": them, "tenantId": them}
        if "detail" in ours:
            detail = {**more, **ours["detail"]}
            yield Forged("our message, and their tenant beside it", json.dumps({**ours, "detail": detail, **more}), us)
            if isinstance(detail.get("data"), dict):
                data = {**detail["data"], **more}
                told = {**_new(ours), "detail": {**_new(ours)["detail"], "data": data}}
                yield Forged("our message, and their tenant in its data", json.dumps(told), us)
        yield Forged("our message, in their group", json.dumps(_new(ours)), them)

    def _of_jobs(self, example: Example, theirs: Json) -> Iterator[Forged]:
        if not example.is_of_a_job:
            return
        us, them = self._us.id, self._them.id
        yield Forged(
            "their message with a wrong token", json.dumps({**theirs, "token": str(uuid4())}), them, may_change=False
        )
        for name, body in jobs.disguised(self._rows, us, theirs):
            yield Forged(name, json.dumps(body), us)

    def _send(self, example: Example, forged: Forged) -> None:
        self._tally.probed(FAMILY)
        before, planted = self._rows.fingerprints(self._world.ids), json.dumps(self._rows.of(self._us.id))
        moment = self._rows.moment()
        output = self._handle(example, forged.body, forged.group)
        touched = changed(before, self._rows.fingerprints(self._world.ids))
        allowed = {self._us.id} if forged.may_change else set()
        self._moved |= touched & allowed
        for tenant in touched - allowed:
            self._leaked(forged, f"it changed rows of {self._name(tenant)}")
        new = json.dumps([row for _, row in self._rows.written(self._us.id, since=moment)])
        for strange in self._world.strangers(new, [self._us.id]):
            if strange not in forged.body + planted:
                self._leaked(forged, f"{strange} of another tenant stands in its rows afterwards")
        for said in (*self._told(output), *self._written({self._us.id})):
            self._leaked(forged, said)

    def _arm(self, example: Example, tenant: Tenant, body: Json) -> None:
        self._tally.probed(FAMILY)
        before = self._rows.fingerprints(self._world.ids)
        output = self._handle(example, json.dumps(body), tenant.id)
        touched = changed(before, self._rows.fingerprints(self._world.ids))
        own = Forged("their own message", "", tenant.id)
        self._moved |= touched & {tenant.id}
        if example.event_type and tenant.id not in touched:
            self._leaked(own, "it does nothing, once another tenant has named its event")
        for other in touched - {tenant.id}:
            self._leaked(own, f"it changed rows of {self._name(other)}")
        for said in (*self._told(output), *self._written({tenant.id})):
            self._leaked(own, said)

    def _handle(self, example: Example, body: str, group: str) -> str:
        """What was written to the log. An exception is as good as a message that comes again."""
        handler = importlib.import_module(f"functions.{self._function.code}.handler").handler
        output = self._world.stage.output
        output.read()
        with output.taken():
            try:
                handler(example.sent(body, group), None)
            except Exception as error:  # noqa: BLE001 (whatever it is, rows tell what happened)
                return f"{output.read()} {error}"
        return output.read()

    def _told(self, output: str) -> Iterator[str]:
        read = [text.lower() for text in readings(output)]
        for tenant in self._world.tenants:
            if any(tenant.mark in text for text in read):
                yield f"a log line holds {tenant.mark}, which a customer wrote"

    def _written(self, allowed: set[str]) -> Iterator[str]:
        """A file is of the tenant that its path names, and holds nothing of another one."""
        for path, text in self._world.stage.bucket.read().items():
            owners = {tenant.id for tenant in self._world.tenants if tenant.id in path}
            if owners - allowed:
                yield f"it wrote a file of {', '.join(map(self._name, sorted(owners)))}"
            for strange in self._world.strangers(text, owners):
                yield f"{strange} of another tenant stands in the file {path}"

    def _name(self, tenant: str) -> str:
        if tenant == NOBODY:
            return "nobody"
        return next((t.mark for t in self._world.tenants if t.id == tenant), tenant)

    def _leaked(self, forged: Forged, says: str) -> None:
        self._tally.leaked(f"{FAMILY}: {self._function.name}", forged.name, says)


def _new(body: Json) -> Json:
    """As a message of another event, so that none is taken for one that was there before."""
    detail = body.get("detail", {})
    return {**body, "detail": {**detail, "id": fresh()}} if "id" in detail else body
