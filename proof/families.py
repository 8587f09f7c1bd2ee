"""The families of the proof. Each has a server of its own, so that they can run side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from freehold.database import gate
from freehold.database.migrations.bootstrap import DATABASE, REQUEST_ROLES
from local.database import prepared
from local.pgbouncer import NotInstalled
from local.postgres import SUPERUSER
from proof import http, pooling, workers
from proof.database import door, planting
from proof.database.functions import FunctionAttack
from proof.database.postures import grant_everything
from proof.database.tables import Attack
from proof.database.tenants import Tenant
from proof.database.world import world
from proof.found import Found, Verdict
from proof.http.planting import holes as holes_over_http
from proof.workers.planting import holes as holes_in_workers

type AfterStep = Callable[[int, int], None]

TRANSACTIONS = 100_000
FEW = 4
"""Foreign ids that a function is called with in the run that comes with every test run."""


@dataclass(frozen=True, slots=True)
class Family:
    """`quick` says whether it belongs to the run that the tests make."""

    name: str
    says: str
    run: Callable[[AfterStep], Found]
    quick: Callable[[AfterStep], Found] | None = None


def schema(after_step: AfterStep) -> Found:
    """The gate's rules, on the schema as it is."""
    found = Found()
    with prepared() as server, psycopg.connect(server.conninfo(user=SUPERUSER, database=DATABASE)) as connection:
        for violation in gate.violations(connection, settled=True):
            found.tally.leaked(f"gate: {violation.rule}", violation.object, violation.sentence)
    found.tally.probed("gate", len(gate.RULES))
    after_step(1, 1)
    return found


def tables(after_step: AfterStep) -> Found:
    """Every table, function and entrance, with the privileges that are deployed."""
    return _tables(after_step, quick=False)


def tables_quickly(after_step: AfterStep) -> Found:
    """The same, where a missing privilege is looked at in one context, and functions hear of fewer tables' ids."""
    return _tables(after_step, quick=True)


def tables_granted(after_step: AfterStep) -> Found:
    """Every table, with every privilege given away: row-level security alone."""
    with prepared() as server, world(server) as filled:
        grant_everything(filled.filler.connection, filled.relations, REQUEST_ROLES)
        return Found(Attack(filled, "tables, all granted", all_granted=True).run(REQUEST_ROLES, after_step))


def over_http(after_step: AfterStep) -> Found:
    """Every route, as everybody."""
    return _over_http(http.FULL, after_step)


def over_http_quickly(after_step: AfterStep) -> Found:
    """The same with fewer calls of the canaries."""
    return _over_http(http.QUICK, after_step)


def over_queues(after_step: AfterStep) -> Found:
    """Every worker, with forged messages."""
    with prepared() as server, http.on_stage(server, DATABASE) as stage:
        return Found(workers.attack(stage, after_step=after_step))


def pool(after_step: AfterStep) -> Found:
    """Many tenants on one pooled connection."""
    with prepared() as server:
        try:
            result = pooling.attack(server, transactions=TRANSACTIONS, after_step=after_step)
        except NotInstalled as why:
            return Found(skipped=[f"pool: {why}"])
    remark = (
        f"pool: {result.probes['pool']:,} transactions on one connection leaked {len(result.leaks)} times;"
        f" with a setting for the session, {result.control_leaks:,} of {result.control:,} did"
    )
    return Found(result, remarks=[remark])


def holes(after_step: AfterStep, *, only: Sequence[str] = ()) -> Found:
    """Every planted hole, each in a copy of the database."""
    found = Found()
    tenants = (Tenant("A"), Tenant("B"))
    planted = [hole for hole in planting.holes() if hole.name in only or not only]
    with prepared() as server:
        with world(server, tenants=tenants):
            pass
        for nothing in planting.controls(planted):
            if noticed := planting.judge(server, DATABASE, tenants, nothing).caught_by:
                found.tally.unarmed.append(f"planted holes: {', '.join(noticed)} also where nothing is planted")
        for number, hole in enumerate(planted):
            after_step(number, len(planted))
            try:
                found.verdicts.append(planting.judge(server, DATABASE, tenants, hole))
            except planting.CannotBePlanted as why:
                found.tally.unarmed.append(str(why))
    return found


def holes_in_code(after_step: AfterStep, *, only: Sequence[str] = ()) -> Found:
    """Every hole that is planted in the code of a running process."""
    over_http = [hole for hole in holes_over_http() if hole.name in only or not only]
    in_workers = [hole for hole in holes_in_workers() if hole.name in only or not only]
    found, count = Found(), len(over_http) + len(in_workers)
    with prepared() as server, http.on_stage(server, DATABASE) as stage:
        for hole in over_http:
            after_step(len(found.verdicts), count)
            with hole.plant():
                leaks = http.attack(stage, hole.focus).leaks
            caught_by = dict.fromkeys(f"http: {leak.check}" for leak in leaks)
            found.verdicts.append(Verdict(hole.name, hole.says, tuple(caught_by)))
        for mistake in in_workers:
            after_step(len(found.verdicts), count)
            with mistake.plant():
                leaks = workers.attack(stage, mistake.focus).leaks
            found.verdicts.append(
                Verdict(mistake.name, mistake.says, tuple(dict.fromkeys(leak.check for leak in leaks)))
            )
    return found


FAMILIES = (
    Family("http", "every route, as everybody, with everybody's ids", over_http, over_http_quickly),
    Family("holes", "holes planted in the database, each of which has to be found", holes),
    Family("pool", "100,000 transactions on one pooled connection, with clients that die", pool),
    Family("granted", "every table, with every privilege given away", tables_granted),
    Family(
        "code", "holes planted in the code, each of which has to be found over HTTP or behind a queue", holes_in_code
    ),
    Family("workers", "every queue's worker, with messages of hostile tenants", over_queues, over_queues),
    Family("tables", "every table, function and entrance, as every role in every context", tables, tables_quickly),
    Family("gate", "the rules that a deploy enforces", schema, schema),
)
"""The longest first, so that none of them begins when the others are done."""


def _tables(after_step: AfterStep, *, quick: bool) -> Found:
    found = Found()
    with prepared() as server, world(server) as filled:
        found.tally.add(Attack(filled, "tables", quick=quick).run(filled.roles, after_step))
        found.tally.add(FunctionAttack(filled, foreign_ids=FEW if quick else None).run())
        found.tally.add(door.attack(filled))
    return found


def _over_http(focus: http.Focus, after_step: AfterStep) -> Found:
    with prepared() as server, http.on_stage(server, DATABASE) as stage:
        return Found(http.attack(stage, focus, after_step))
