"""What carries deliveries in a test: the real database, fan-out, dispatch and worker, with receivers on loopback."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from freehold.database import Database
from freehold.jobs.dispatcher import pick, wake
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from freehold.messaging.events import Event
from freehold.messaging.inbox import receive
from freehold.webhooks.deliver import deliveries
from freehold.webhooks.egress import Egress
from freehold.webhooks.fan_out import WORKER, fan_out
from freehold.webhooks.replay import REPLAY
from local.companies import Company
from product.events import CATALOG
from tests.webhooks.listeners import Listener

ENDPOINTS, DELIVERIES = "/v1/webhook-endpoints", "/v1/webhook-deliveries"
EVENT = (
    "select id, type, version, tenant_id, subject_id, occurred_at, request_id, data from app.outbox"
    " where tenant_id = %(tenant_id)s"
)


@dataclass
class Office:
    """`tenant` is whose deliveries are carried."""

    tenant: Company
    system: Database
    workers: Database
    egress: Egress = field(default_factory=Egress)

    def reaching(self, *listeners: Listener, **how: Any) -> None:
        """From now on by a way out that reaches these."""
        self.egress = Egress(listeners={f"{each.host}:{each.port}" for each in listeners}, **how)

    def endpoint(self, url: str = "", *, of: Company | None = None, **different: Any) -> dict[str, Any]:
        """A new endpoint. One on loopback is no good to the API, so the database is told."""
        company = of or self.tenant
        body = {"url": "https://hooks.example.com/", "events": ["*"]} | different
        made: dict[str, Any] = company.call("POST", ENDPOINTS, body=body).json
        if url:
            self.execute(
                "update app.webhook_endpoints set url = %(url)s where id = %(id)s", of=of, id=made["id"], url=url
            )
        return made

    def read(self, endpoint: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = self.tenant.call("GET", f"{ENDPOINTS}/{endpoint['id']}").json
        return shown

    def delivery(self, delivery_id: str) -> dict[str, Any]:
        """With its attempts, the last one first."""
        shown: dict[str, Any] = self.tenant.call("GET", f"{DELIVERIES}/{delivery_id}").json
        return shown

    def listed(self, endpoint: dict[str, Any] | None = None, **query: str) -> list[dict[str, Any]]:
        """Deliveries, the newest first."""
        wanted = query | ({"endpoint_id": endpoint["id"]} if endpoint else {})
        page = self.tenant.call("GET", DELIVERIES, query={"limit": "100", **wanted}).json
        found: list[dict[str, Any]] = page["items"]
        return found

    def events(self, *, of: Company | None = None, **where: str) -> list[Event]:
        """What has happened in the tenant, in order."""
        rows = (of or self.tenant).execute(f"{EVENT} order by id")
        found = [Event(**dict(zip(Event.model_fields, row, strict=True))) for row in rows]
        return [event for event in found if all(getattr(event, name) == value for name, value in where.items())]

    def happen(self, *, of: Company | None = None) -> Event:
        """A project is made, and fan-out hears of it."""
        (of or self.tenant).project()
        event = self.events(of=of, type="project.created")[-1]
        self.fan_out(event)
        return event

    def fan_out(self, event: Event) -> None:
        receive(WORKER, event, fan_out(CATALOG))

    def run(self, job_class: JobClass = JobClass.DELIVERIES) -> list[str]:
        """Hand over what waits and carry it out, once; what became of each."""
        self.system.outside(wake(1_000))
        kinds = {kind.name: kind for kind in (deliveries(self.egress), REPLAY)}
        return [perform(kinds, self.workers, handed) for handed in self.system.outside(pick(job_class, 1_000))]

    def later(self, **by: float) -> None:
        """So much time goes by, for whatever the database remembers."""
        for table, column in (
            ("app.jobs", "due_at"),
            ("app.deliveries", "next_attempt_at"),
            ("app.webhook_failures", "since"),
            ("app.webhook_failures", "paused_until"),
        ):
            self.execute(
                f"update {table} set {column} = {column} - %(by)s where tenant_id = %(tenant_id)s", by=timedelta(**by)
            )

        self.execute(
            """
            update app.webhook_endpoints set former_secrets = (
                select coalesce(jsonb_agg(former || jsonb_build_object(
                           'until', (former ->> 'until')::timestamptz - %(by)s)), '[]')
                  from jsonb_array_elements(former_secrets) former)
             where tenant_id = %(tenant_id)s
            """,
            by=timedelta(**by),
        )

    def due(self) -> list[float]:
        """In how many seconds each job of a delivery is due, the oldest first."""
        rows = self.execute(
            "select extract(epoch from due_at - now())::float8 from app.jobs"
            " where tenant_id = %(tenant_id)s and kind = 'webhooks.deliver' order by id"
        )
        return [seconds for (seconds,) in rows]

    def execute(self, sql: str, *, of: Company | None = None, **params: object) -> list[tuple[Any, ...]]:
        return (of or self.tenant).execute(sql, **params)


@dataclass(frozen=True)
class Heard:
    """A request as its receiver got it."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def event_id(self) -> UUID:
        return UUID(self.headers["webhook-id"])


def heard(listener: Listener) -> list[Heard]:
    """What a listener was sent."""
    found = []
    for request in listener.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
        found.append(Heard({name.lower(): value for name, _, value in lines}, body))
    return found
