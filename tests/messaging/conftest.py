"""Fixtures of what passes work on: the relay's own database role, and a bus that keeps what it was given."""

import io
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest

from freehold.database import Database
from freehold.database.login import conninfo
from freehold.messaging.bus import Announced
from freehold.observability import logger
from local import aws
from local.emulator import Emulator
from local.ports import free_port


@dataclass
class KeptBus:
    """A double of the bus that takes what it is given, in order; what it does not take is said beforehand."""

    refuses: set[str] = field(default_factory=set)
    down: bool = False
    events: list[Announced] = field(default_factory=list)

    def publish(self, events: Sequence[Announced]) -> set[str]:
        if self.down:
            raise ConnectionError("the bus is down")
        refused = self.refuses & {event.id for event in events}
        self.events += [event for event in events if event.id not in refused]
        return refused

    def of(self, tenant_id: UUID) -> list[Announced]:
        return [event for event in self.events if event.tenant_id == str(tenant_id)]


@pytest.fixture
def bus() -> KeptBus:
    return KeptBus()


@pytest.fixture
def system(stage: None, superuser: str) -> Iterator[Database]:
    """The relay's way in, with nobody's turn and nothing waiting from tests before."""
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.turns")
        connection.execute("update app.outbox set published_at = now() where published_at is null")
    system = Database(conninfo("freehold_system"))
    yield system
    system.close()


@pytest.fixture
def lines(stage: None) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the log says from here on."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's environment, which leads nowhere."""
    for name, value in {**aws.CREDENTIALS, **aws.NO_ACCOUNT, "AWS_DEFAULT_REGION": aws.REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An empty account."""
    with Emulator(tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture
def clients(emulator: Emulator, account: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Of the emulator; its environment leads the gateways there too."""
    session = aws.session()
    for name, value in {**aws.CREDENTIALS, "AWS_DEFAULT_REGION": aws.REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    return {service: session.client(service, **aws.at(emulator.endpoint)) for service in ("events", "sqs")}


def queue_behind(clients: dict[str, Any], bus: str) -> str:
    """The address of a queue that gets all our events of a new bus."""
    url = queue_of(clients, f"{bus}-webhooks")
    arn = clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients["events"].create_event_bus(Name=bus)
    clients["events"].put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["freehold"]}))
    clients["events"].put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    return url


def queue_of(clients: dict[str, Any], name: str) -> str:
    """The address of a queue, which is made where there is none."""
    return str(clients["sqs"].create_queue(QueueName=name)["QueueUrl"])


def received(clients: dict[str, Any], url: str, most: int) -> list[str]:
    """The bodies of so many messages."""
    bodies: list[str] = []
    while len(bodies) < most:
        answer = clients["sqs"].receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
        assert answer.get("Messages"), f"{len(bodies)} messages came"
        bodies += [message["Body"] for message in answer["Messages"]]
    return bodies
