"""Every deployed function, as data: CDK, the laptop, the documentation and the tests read this and nothing else.

A route is "METHOD /path". Routes of one resource share a function; any of them leaves it for a function of its own in
one line, which takes over what the shared one is but its name, its routes, and what it is given here:

    own(PROJECTS, "POST /v1/projects", name="create_project", memory_mb=1024)

`tests/architecture` holds this file, the folders, the routes that the code really serves, the example events, the
documentation and the synthesized template together.
"""

from dataclasses import replace

from functions.declaration import Function, Queue, Schedule

AUTHORIZER = Function(
    name="authorizer", database="api", issuers=True, memory_mb=256, timeout_seconds=8, latency="critical"
)

PROJECTS = Function(
    name="projects",
    database="api",
    product=True,
    routes=(
        "POST /v1/projects",
        "GET /v1/projects",
        "GET /v1/projects/{project_id}",
        "PATCH /v1/projects/{project_id}",
        "POST /v1/projects/{project_id}/archive",
        "DELETE /v1/projects/{project_id}",
        "GET /v1/projects/{project_id}/grants",
        "PUT /v1/projects/{project_id}/grants/{member_id}",
        "DELETE /v1/projects/{project_id}/grants/{member_id}",
    ),
)

WEBHOOKS = Function(
    name="webhooks",
    database="api",
    product=True,
    routes=(
        "POST /v1/webhook-endpoints",
        "GET /v1/webhook-endpoints",
        "GET /v1/webhook-endpoints/{endpoint_id}",
        "PATCH /v1/webhook-endpoints/{endpoint_id}",
        "DELETE /v1/webhook-endpoints/{endpoint_id}",
        "POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret",
        "POST /v1/webhook-endpoints/{endpoint_id}/enable",
        "POST /v1/webhook-endpoints/{endpoint_id}/test",
        "POST /v1/webhook-endpoints/{endpoint_id}/replay",
        "GET /v1/webhook-deliveries",
        "GET /v1/webhook-deliveries/{delivery_id}",
        "POST /v1/webhook-deliveries/{delivery_id}/replay",
        "GET /v1/event-types",
    ),
)

FAN_OUT = Function(
    name="fan_out", database="worker", product=True, queue=Queue(name="webhooks", receives=20), events=("*",)
)

# One at a time, so that a receiver that takes its time keeps nobody else's delivery waiting behind its own.
DELIVER_WEBHOOKS = Function(
    name="deliver_webhooks",
    database="worker",
    memory_mb=256,
    timeout_seconds=60,
    queue=Queue(name="deliveries", batch_size=1, concurrency=50),
)

MIGRATIONS = Function(
    name="migrations",
    database="migrator",
    product=True,
    on_deploy="migrates",
    timeout_seconds=900,
)


def migrations_of(cell: str) -> Function:
    """A cell beside the pool has one of its own: no other function reaches its database."""
    return MIGRATIONS if cell == "pool" else replace(MIGRATIONS, name=f"migrations-{cell}", folder="migrations")


# CodeDeploy calls it before a new version of another function gets its first request.
CHECK_RELEASE = Function(name="check_release", on_deploy="checks", memory_mb=256, timeout_seconds=60)

RELAY = Function(
    name="relay",
    database="system",
    schedule=Schedule(every="stage"),
    uses=("bus", "queues"),
    memory_mb=144,  # it runs all day
    timeout_seconds=100,
)
RUN_STANDARD = Function(
    name="run_standard",
    folder="run_jobs",
    database="worker",
    product=True,
    timeout_seconds=300,
    queue=Queue(name="standard", batch_size=1, concurrency=20),  # in a batch, one job would wait for the other
)
# No route leads to it and no queue: operators invoke it, by IAM.
OPERATORS = Function(name="operators", database="operator", product=True)
INTERACTIVE = Queue(name="interactive", batch_size=1, concurrency=20)
BULK = Queue(name="bulk", batch_size=1, concurrency=5)

SCIM = Function(
    name="scim",
    database="api",
    routes=(
        "GET /scim/v2/Users",
        "POST /scim/v2/Users",
        "GET /scim/v2/Users/{resource_id}",
        "PUT /scim/v2/Users/{resource_id}",
        "PATCH /scim/v2/Users/{resource_id}",
        "DELETE /scim/v2/Users/{resource_id}",
        "GET /scim/v2/Groups",
        "POST /scim/v2/Groups",
        "GET /scim/v2/Groups/{resource_id}",
        "PUT /scim/v2/Groups/{resource_id}",
        "PATCH /scim/v2/Groups/{resource_id}",
        "DELETE /scim/v2/Groups/{resource_id}",
        "GET /scim/v2/ServiceProviderConfig",
        "GET /scim/v2/ResourceTypes",
        "GET /scim/v2/ResourceTypes/{name}",
        "GET /scim/v2/Schemas",
        "GET /scim/v2/Schemas/{urn}",
        "GET /scim/v2/{endpoint}",
        "POST /scim/v2/{endpoint}",
        "PUT /scim/v2/{endpoint}",
        "PATCH /scim/v2/{endpoint}",
        "DELETE /scim/v2/{endpoint}",
    ),
)

# What people have asked for waits behind no sync, so the two have a queue each.
RUN_BILLING = Function(
    name="run_billing",
    database="worker",
    product=True,
    uses=("stripe",),
    timeout_seconds=120,
    queue=Queue(name="billing", batch_size=1),
)

EXPORT_TRACES = Function(name="export_traces", logs=True, uses=("telemetry",), memory_mb=256)

FUNCTIONS = (
    AUTHORIZER,
    Function(name="health", routes=("GET /health",), public=True, database="api", memory_mb=256),
    Function(name="openapi", routes=("GET /openapi.json",), public=True, memory_mb=256),
    Function(
        name="tenants",
        database="api",
        routes=("POST /v1/tenants", "GET /v1/tenants", "GET /v1/tenant", "PATCH /v1/tenant"),
    ),
    Function(
        name="members",
        database="api",
        routes=(
            "GET /v1/members",
            "GET /v1/members/{member_id}",
            "PATCH /v1/members/{member_id}",
            "POST /v1/members/{member_id}/suspend",
            "POST /v1/members/{member_id}/reactivate",
            "POST /v1/members/{member_id}/end-sessions",
            "POST /v1/members/{member_id}/make-owner",
            "POST /v1/members/me/leave",
            "DELETE /v1/members/{member_id}",
        ),
    ),
    Function(
        name="invitations",
        database="api",
        routes=(
            "POST /v1/invitations",
            "GET /v1/invitations",
            "GET /v1/invitations/{invitation_id}",
            "POST /v1/invitations/{invitation_id}/resend",
            "POST /v1/invitations/import",
            "POST /v1/invitations/accept",
            "DELETE /v1/invitations/{invitation_id}",
        ),
    ),
    Function(
        name="api_keys",
        database="api",
        routes=(
            "POST /v1/api-keys",
            "GET /v1/api-keys",
            "GET /v1/api-keys/{api_key_id}",
            "POST /v1/api-keys/{api_key_id}/rotate",
            "DELETE /v1/api-keys/{api_key_id}",
        ),
    ),
    Function(
        name="jobs",
        database="api",
        routes=(
            "GET /v1/jobs",
            "GET /v1/jobs/{job_id}",
            "POST /v1/jobs/{job_id}/cancel",
            "POST /v1/jobs/{job_id}/retry",
        ),
    ),
    RUN_STANDARD,
    replace(RUN_STANDARD, name="run_interactive", timeout_seconds=60, queue=INTERACTIVE),
    replace(
        RUN_STANDARD,
        name="run_bulk",
        also=("report",),
        uses=("files",),
        timeout_seconds=900,
        memory_mb=1024,
        queue=BULK,
    ),
    PROJECTS,
    WEBHOOKS,
    FAN_OUT,
    DELIVER_WEBHOOKS,
    RELAY,
    MIGRATIONS,
    CHECK_RELEASE,
    Function(
        name="send_mail",
        database="worker",
        queue=Queue(name="mail", batch_size=1),  # in a batch, a mail that was not begun would wait for its lease
        uses=("mail",),
        timeout_seconds=60,
    ),
    Function(
        name="notify",
        database="worker",
        queue=Queue(name="notifications", concurrency=2),
        events=(
            "job.failed",
            "job.succeeded",
            "webhook_endpoint.disabled",
            "invitation.created",
            "invitation.resent",
            "billing.trial_ending",
            "billing.payment_failed",
            "billing.access_changed",
            "billing.payment_recovered",
            "billing.subscription_ended",
        ),
    ),
    Function(name="mail_feedback", database="worker", queue=Queue(name="mail_feedback", concurrency=2)),
    Function(
        name="reports",
        database="api",
        product=True,
        uses=("files",),
        routes=("POST /v1/reports", "GET /v1/jobs/{job_id}/result"),
    ),
    Function(
        name="roles",
        database="api",
        routes=(
            "GET /v1/permissions",
            "POST /v1/roles",
            "GET /v1/roles",
            "GET /v1/roles/{role_id}",
            "PATCH /v1/roles/{role_id}",
            "DELETE /v1/roles/{role_id}",
        ),
    ),
    SCIM,
    Function(
        name="scim_tokens",
        database="api",
        routes=("POST /v1/scim-tokens", "GET /v1/scim-tokens", "DELETE /v1/scim-tokens/{scim_token_id}"),
    ),
    Function(name="groups", database="api", routes=("GET /v1/groups", "PUT /v1/groups/{group_id}")),
    Function(name="partitions", database="migrator", schedule=Schedule(every="day"), timeout_seconds=900),
    Function(
        name="sso",
        database="api",
        issuers=True,
        routes=(
            "POST /v1/sign-ins",
            "POST /v1/sso-connections",
            "GET /v1/sso-connections",
            "GET /v1/sso-connections/{connection_id}",
            "PATCH /v1/sso-connections/{connection_id}",
            "DELETE /v1/sso-connections/{connection_id}",
            "POST /v1/domains",
            "GET /v1/domains",
            "GET /v1/domains/{domain_id}",
            "POST /v1/domains/{domain_id}/verify",
            "DELETE /v1/domains/{domain_id}",
            "POST /v1/members/{member_id}/break-glass",
            "DELETE /v1/members/{member_id}/break-glass",
        ),
    ),
    Function(name="upkeep", database="system", schedule=Schedule(every="hour"), timeout_seconds=300),
    Function(
        name="operator_visits",
        database="api",
        routes=("GET /v1/operator-visits", "POST /v1/operator-visits/{visit_id}/end"),
    ),
    OPERATORS,
    Function(name="audit", database="api", routes=("GET /v1/audit", "GET /v1/audit/{entry_id}")),
    Function(
        name="seal_audit",
        database="system",
        also=("worker",),
        uses=("anchors",),
        schedule=Schedule(every="five_minutes"),
        timeout_seconds=240,
    ),
    Function(
        name="billing",
        database="api",
        product=True,
        routes=(
            "GET /v1/plans",
            "GET /v1/billing",
            "GET /v1/billing/invoices",
            "GET /v1/billing/invoices/{invoice_id}",
            "GET /v1/billing/requests/{job_id}",
            "POST /v1/billing/change",
            "POST /v1/billing/cancel",
            "POST /v1/billing/resume",
        ),
    ),
    Function(
        name="checkout",
        database="api",
        product=True,
        uses=("stripe",),
        routes=("POST /v1/billing/checkout", "POST /v1/billing/portal", "POST /v1/billing/preview"),
    ),
    Function(
        name="stripe_webhook",
        routes=("POST /stripe/webhooks",),
        public=True,
        database="api",
        uses=("stripe",),
        memory_mb=256,
        latency="critical",
    ),
    Function(
        name="reconcile_billing",
        database="system",
        also=("worker",),
        product=True,
        uses=("stripe",),
        schedule=Schedule(every="day"),
        timeout_seconds=900,
    ),
    Function(
        name="stripe_events",
        database="worker",
        uses=("stripe",),
        memory_mb=256,
        queue=Queue(name="stripe", concurrency=2),
    ),
    RUN_BILLING,
    replace(RUN_BILLING, name="run_payments", folder="run_billing", queue=Queue(name="payments", batch_size=1)),
    Function(
        name="usage", routes=("POST /v1/usage/events",), database="api", product=True, memory_mb=256, latency="critical"
    ),
    Function(
        name="ofrep",
        routes=("POST /ofrep/v1/evaluate/flags", "POST /ofrep/v1/evaluate/flags/{key}"),
        database="api",
        memory_mb=256,
        latency="critical",
    ),
    EXPORT_TRACES,
    Function(name="usage_pages", routes=("GET /v1/usage", "GET /v1/usage/current"), database="api", product=True),
    Function(
        name="report_usage",
        database="system",
        also=("worker",),
        product=True,
        schedule=Schedule(every="five_minutes"),
        timeout_seconds=240,
    ),
)
