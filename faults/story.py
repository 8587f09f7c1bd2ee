"""What happens in each run, in a company of its own, and what must have come of it in the end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from faults.kinds import COUNT, COUNTED, REFUSE, Nothing
from faults.world import World
from freehold.jobs.kinds import Kind
from local.companies import Company
from local.errors import LocalError

PROJECTS = 2
MAIL_ID = "X-Freehold-Mail-Id"


@dataclass(slots=True)
class Damage:
    """What should not have been."""

    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    details: list[str] = field(default_factory=list)

    def add(self, other: "Damage") -> None:
        """Count it too."""
        self.lost += other.lost
        self.doubled += other.doubled
        self.stuck += other.stuck
        self.details += other.details

    def count(self, what: str, *, times: int, wanted: int = 1) -> None:
        """Something that should have happened so often."""
        if times < wanted:
            self.lost += wanted - times
            self.details.append(f"{what}: {times} of {wanted}")
        elif times > wanted:
            self.doubled += times - wanted
            self.details.append(f"{what}: {times} instead of {wanted}")


def begin(world: World) -> Company:
    """A company signs up, wants webhooks, works, and has two jobs: one counts, the other fails and says so by mail."""
    company = world.people.company()
    customer = str(company.id)
    body = {"url": world.receiver.url(customer), "events": ["*"]}
    endpoint = company.call("POST", "/v1/webhook-endpoints", body=body)
    if endpoint.status != HTTPStatus.CREATED:
        raise LocalError(f"Nobody can have webhooks: {endpoint}")
    world.receiver.trust(customer, endpoint.json["secret"])
    for number in range(PROJECTS):
        company.project(f"Project {number}")
    for kind in (COUNT, REFUSE):
        _submit(company, kind)
    return company


def _submit(company: Company, kind: Kind[Nothing]) -> None:
    [[member]] = company.execute("select id from app.members where tenant_id = %(tenant_id)s")
    company.execute(
        "insert into app.jobs (kind, job_class, state, input, attempts, created_by)"
        " values (%(kind)s, %(job_class)s, 'waiting', '{}', %(attempts)s, %(created_by)s)",
        kind=kind.name,
        job_class=kind.job_class.value,
        attempts=kind.attempts,
        created_by=f"member:{member}",
    )


def damage(world: World, company: Company) -> Damage:
    """What is not as it should be, once everything has come to rest."""
    found = Damage()
    for check in (_jobs, _effects, _webhooks, _mails, _schedule):
        check(world, company, found)
    return found


def _jobs(_world: World, company: Company, found: Damage) -> None:
    """Each ended, and said so once."""
    states = company.execute(
        "select kind, state from app.jobs where tenant_id = %(tenant_id)s and kind like 'faults.%%' order by kind"
    )
    if states != [(COUNT.name, "succeeded"), (REFUSE.name, "failed")]:
        found.stuck += 1
        found.details.append(f"jobs ended as {states}")


def _effects(_world: World, company: Company, found: Damage) -> None:
    """Rows of a job's own transaction, and of its end's."""
    events = Counter(dict(_events(company)))
    for kind in (COUNTED, "job.succeeded", "job.failed"):
        found.count(kind, times=events[kind])
    found.count("project.created", times=events["project.created"], wanted=PROJECTS)


def _events(company: Company) -> Iterator[tuple[str, int]]:
    yield from company.execute("select type, count(*) from app.outbox where tenant_id = %(tenant_id)s group by type")


def _webhooks(world: World, company: Company, found: Damage) -> None:
    """Each event reached the customer under one id, however often it was sent; nothing arrived under a second one."""
    wanted = company.execute(
        "select o.id::text from app.outbox o join app.webhook_endpoints e on e.tenant_id = o.tenant_id"
        " where o.tenant_id = %(tenant_id)s and o.type <> 'tenant.created'"
    )
    had = world.receiver.events_of(str(company.id))
    for (event,) in wanted:
        found.count(f"webhook of {event}", times=len(had.get(event, ())))
    if world.receiver.forged:
        found.details.append(f"{world.receiver.forged} webhooks with a signature that does not fit")
        found.lost += world.receiver.forged


def _schedule(world: World, _company: Company, found: Damage) -> None:
    """What the clock called for is done for its hour."""
    done = world.ask(
        "select from app.turns where name = 'upkeep' and period = left(%(period)s, 13) and done_at is not null",
        period=world.period,
    )
    found.count(f"upkeep of {world.period}", times=len(done))


def _mails(world: World, company: Company, found: Damage) -> None:
    """One mail for the job that failed, under one id, however often it was sent."""
    [[wanted]] = company.execute("select count(*) from app.emails where tenant_id = %(tenant_id)s")
    found.count("mails that were due", times=wanted)
    sent = {
        header["Value"]
        for mail in world.stage.transport.mails
        for header in mail["Content"]["Simple"]["Headers"]
        if header["Name"] == MAIL_ID
    }
    ids = company.execute("select id::text from app.emails where tenant_id = %(tenant_id)s")
    found.count("mails that were sent", times=sum(mail in sent for (mail,) in ids))
