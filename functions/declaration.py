"""What a deployed function can be: the vocabulary of the manifest."""

from dataclasses import dataclass, replace
from typing import Any, Literal

type DatabaseRole = Literal["api", "migrator", "worker", "system", "report", "operator"]
type Latency = Literal["standard", "critical"]
type Use = Literal["bus", "queues", "mail", "files", "anchors", "stripe", "telemetry"]
"""Publishes events, sends to the job queues, sends e-mail, writes files, writes the audit trail's anchors, has the keys
to Stripe, knows where spans and errors go; where routes are, `files` gives files out."""
type Stack = Literal["schema", "delivery", "api", "workers"]


JOB_CLASSES = ("interactive", "standard", "bulk", "deliveries", "mail", "billing", "payments")
"""The purposes of the queues that jobs are sent to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The queue of one purpose, which calls its function with a few messages at a time.

    A message that is being worked on stays hidden for six of the function's timeouts, as Lambda asks for.
    """

    name: str
    """The purpose. Letters, digits and underscores; the dead-letter queue is named after it."""
    batch_size: int = 10
    """At most so many messages in one call."""
    concurrency: int = 10
    """At most so many calls at once, where the stage allows that many."""
    receives: int = 5
    """How often a message is tried before it goes to the dead-letter queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the clock calls a function, with `{"scheduled_at": "<RFC 3339>", "called_by": "clock"}`."""

    every: Literal["stage", "minute", "five_minutes", "hour", "day"]
    """`stage` is as often as the stage says that the relay wakes; `five_minutes` never more often than that, so that a
    database may sleep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One Lambda function.

    `memory_mb` is at least one and a half times the most that its process was measured to hold, rounded up to 16 MB
    (benchmarks/memory.json). Processor time comes by memory, 1,769 MB being one processor: those that somebody waits
    for have at least 512, or 256 where they import no web framework, which starts in half the time. What runs all day
    has exactly what it needs, since it bills all day. The rest may have more. A test holds the manifest to it.

    `timeout_seconds` is above two tries at the database, each 3 s to connect and 10 s for its transaction, and below
    API Gateway's 30 s, so that the caller gets our answer and not the gateway's.
    """

    name: str
    routes: tuple[str, ...] = ()
    folder: str = ""
    """Where its handler lives under functions/; the name, unless a single route has claimed a function of its own."""
    public: bool = False
    """True where a request needs no identity; API Gateway then skips the authorizer."""
    database: DatabaseRole | None = None
    """The database role that it logs in as; None means that it gets no way to the database at all."""
    also: tuple[DatabaseRole, ...] = ()
    """Further roles that it may log in as."""
    queue: Queue | None = None
    """The queue that calls it."""
    events: tuple[str, ...] = ()
    """The types of event that the bus hands to its queue; `("*",)` is every type of ours."""
    schedule: Schedule | None = None
    logs: bool = False
    """Whether CloudWatch Logs calls it, with spans and errors from the logs of all others."""
    uses: tuple[Use, ...] = ()
    """What it may use besides the database."""
    issuers: bool = False
    """True where it has to know whose access tokens are everybody's."""
    product: bool = False
    """True where it needs the product layer."""
    memory_mb: int = 512
    timeout_seconds: int = 28
    latency: Latency = "standard"
    """`critical` keeps instances warm at the stages that pay for it (provisioned concurrency)."""
    on_deploy: Literal["migrates", "checks"] | None = None
    """What it does for a deploy, which calls it before anything new answers a request."""

    @property
    def code(self) -> str:
        """The folder under functions/ whose handler.py this function runs."""
        return self.folder or self.name

    @property
    def stack(self) -> Stack:
        """The stack that it is deployed with."""
        match self.on_deploy:
            case "migrates":
                return "schema"
            case "checks":
                return "delivery"
            case None:
                if self.logs:
                    return "delivery"
                return "workers" if self.queue or self.schedule else "api"


def own(shared: Function, *routes: str, name: str, **different: Any) -> Function:  # noqa: ANN401 (fields of Function)
    """A function of their own for some routes of a shared one; it runs the same handler. Take the routes out there."""
    return replace(shared, name=name, folder=shared.code, routes=routes, **different)
