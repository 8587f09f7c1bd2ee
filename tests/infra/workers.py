"""A manifest with a worker of each kind, so that what becomes of one is tested whichever the product has."""

from functions.declaration import Function, Queue, Schedule
from functions.manifest import AUTHORIZER, CHECK_RELEASE, EXPORT_TRACES, MIGRATIONS, PROJECTS

RELAY = Function(
    name="relay",
    folder="health",
    database="system",
    schedule=Schedule(every="stage"),
    uses=("bus", "queues"),
    timeout_seconds=90,
)
HOURLY = Function(name="tidy", folder="health", database="system", schedule=Schedule(every="hour"))
DAILY = Function(name="partitions", folder="health", database="migrator", schedule=Schedule(every="day"))
JOBS = Function(
    name="run_bulk",
    folder="health",
    database="worker",
    also=("report",),
    queue=Queue(name="bulk", batch_size=1, concurrency=40),
    uses=("files",),
    timeout_seconds=900,
)
EVERYTHING = Function(
    name="fan_out", folder="health", database="worker", queue=Queue(name="webhooks", receives=3), events=("*",)
)
SOME = Function(
    name="notify",
    folder="health",
    database="worker",
    queue=Queue(name="notifications"),
    events=("member.invited", "project.created"),
)
MAIL = Function(name="send_mail", folder="health", database="worker", queue=Queue(name="mail"), uses=("mail",))
FEEDBACK = Function(name="mail_feedback", folder="health", database="worker", queue=Queue(name="mail_feedback"))
BILLING = Function(
    name="run_billing", folder="health", database="worker", queue=Queue(name="billing", batch_size=1), uses=("stripe",)
)
STRIPE = Function(name="stripe_events", folder="health", database="worker", queue=Queue(name="stripe"))
REPORTS = Function(
    name="reports", folder="health", database="api", routes=("GET /v1/reports/{report_id}",), uses=("files",)
)

WORKERS = (RELAY, HOURLY, DAILY, JOBS, EVERYTHING, SOME, MAIL, FEEDBACK, BILLING, STRIPE)
QUEUED = tuple(worker for worker in WORKERS if worker.queue)
FEW = (AUTHORIZER, MIGRATIONS, CHECK_RELEASE, EXPORT_TRACES, PROJECTS, RELAY)
EXAMPLES = (AUTHORIZER, MIGRATIONS, CHECK_RELEASE, EXPORT_TRACES, *WORKERS, REPORTS)
