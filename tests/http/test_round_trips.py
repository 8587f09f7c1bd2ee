"""Round trips on the wire, warm: one for every read and every single change, two for read-modify-write.

A route that is not in the table below fails the first test, so a new one cannot forget to be counted.
"""

from collections.abc import Callable
from typing import Any

import pytest

from local.companies import Company
from local.gateway import ROUTES, Answer, call
from tests.wire import Wire

type Request = Callable[[Company], tuple[str, dict[str, Any]]]

NAME = {"body": {"name": "A name"}}
ANY_VERSION = {"headers": {"If-Match": "*"}}
KEY_BODY = {"body": {"name": "CI", "scopes": ["projects:read"]}}


def member_id(company: Company) -> str:
    return company.call("GET", "/v1/members").json["items"][0]["id"]


def endpoint_path(company: Company) -> str:
    body = {"url": "https://example.com/hook", "events": ["*"]}
    return f"/v1/webhook-endpoints/{company.call('POST', '/v1/webhook-endpoints', body=body).json['id']}"


def delivery_path(company: Company) -> str:
    return f"/v1/webhook-deliveries/{company.call('POST', f'{endpoint_path(company)}/test').json['id']}"


def job(company: Company, state: str = "waiting") -> str:
    """A job of the company's; features submit them, and none is here yet."""
    [(job_id,)] = company.execute(
        "insert into app.jobs (kind, job_class, state, input, attempts, finished_at) values ('tests.job', 'standard',"
        " %(state)s, '{}', 1, case when %(state)s = 'failed' then now() end) returning id",
        state=state,
    )
    return str(job_id)


def report(company: Company) -> str:
    """A job that has written a report."""
    [(job_id,)] = company.execute(
        "insert into app.jobs (kind, job_class, state, input, attempts, finished_at, result) values"
        " ('reports.activity', 'bulk', 'succeeded', '{}', 1, now(), %(result)s) returning id",
        result='{"key": "k", "bytes": 1, "rows": 1}',
    )
    return str(job_id)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Lambda gives them to a function."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "test")


def entry_id(company: Company) -> str:
    return str(company.call("GET", "/v1/audit").json["items"][0]["id"])


REQUESTS: dict[str, tuple[int, Request]] = {
    "GET /health": (1, lambda _: ("/health", {})),
    "GET /openapi.json": (0, lambda _: ("/openapi.json", {})),
    "POST /v1/tenants": (1, lambda _: ("/v1/tenants", NAME)),
    "GET /v1/tenants": (1, lambda _: ("/v1/tenants", {})),
    "GET /v1/tenant": (1, lambda _: ("/v1/tenant", {})),
    "PATCH /v1/tenant": (2, lambda _: ("/v1/tenant", {**NAME, **ANY_VERSION})),
    "GET /v1/members": (1, lambda _: ("/v1/members", {})),
    "GET /v1/members/{member_id}": (1, lambda company: (f"/v1/members/{member_id(company)}", {})),
    "POST /v1/api-keys": (1, lambda _: ("/v1/api-keys", KEY_BODY)),
    "GET /v1/api-keys": (1, lambda _: ("/v1/api-keys", {})),
    "GET /v1/api-keys/{api_key_id}": (1, lambda c: (f"/v1/api-keys/{c.key('projects:read')['id']}", {})),
    "POST /v1/api-keys/{api_key_id}/rotate": (1, lambda c: (f"/v1/api-keys/{c.key('projects:read')['id']}/rotate", {})),
    "DELETE /v1/api-keys/{api_key_id}": (1, lambda c: (f"/v1/api-keys/{c.key('projects:read')['id']}", {})),
    "GET /v1/jobs/{job_id}/result": (1, lambda c: (f"/v1/jobs/{report(c)}/result", {})),
    "POST /v1/reports": (1, lambda _: ("/v1/reports", {"body": {"report": "activity"}})),
    "POST /v1/projects": (1, lambda _: ("/v1/projects", NAME)),
    "GET /v1/projects": (1, lambda _: ("/v1/projects", {})),
    "GET /v1/projects/{project_id}": (1, lambda c: (f"/v1/projects/{c.project()['id']}", {})),
    "PATCH /v1/projects/{project_id}": (2, lambda c: (f"/v1/projects/{c.project()['id']}", {**NAME, **ANY_VERSION})),
    "POST /v1/projects/{project_id}/archive": (1, lambda c: (f"/v1/projects/{c.project()['id']}/archive", {})),
    "GET /v1/jobs": (1, lambda _: ("/v1/jobs", {})),
    "GET /v1/jobs/{job_id}": (1, lambda c: (f"/v1/jobs/{job(c)}", {})),
    "POST /v1/jobs/{job_id}/cancel": (1, lambda c: (f"/v1/jobs/{job(c)}/cancel", {})),
    "POST /v1/jobs/{job_id}/retry": (1, lambda c: (f"/v1/jobs/{job(c, 'failed')}/retry", {})),
    "DELETE /v1/projects/{project_id}": (1, lambda c: (f"/v1/projects/{c.project()['id']}", {})),
    "POST /v1/webhook-endpoints": (
        1,
        lambda _: (
            "/v1/webhook-endpoints",
            {"body": {"url": "https://example.com/hook", "events": ["project.created"]}},
        ),
    ),
    "GET /v1/webhook-endpoints": (1, lambda _: ("/v1/webhook-endpoints", {})),
    "GET /v1/webhook-endpoints/{endpoint_id}": (1, lambda c: (endpoint_path(c), {})),
    "PATCH /v1/webhook-endpoints/{endpoint_id}": (
        2,
        lambda c: (endpoint_path(c), {"body": {"description": "Ours"}, **ANY_VERSION}),
    ),
    "DELETE /v1/webhook-endpoints/{endpoint_id}": (1, lambda c: (endpoint_path(c), {})),
    "POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret": (
        1,
        lambda c: (f"{endpoint_path(c)}/rotate-secret", {"body": {}}),
    ),
    "POST /v1/webhook-endpoints/{endpoint_id}/enable": (1, lambda c: (f"{endpoint_path(c)}/enable", {})),
    "POST /v1/webhook-endpoints/{endpoint_id}/test": (1, lambda c: (f"{endpoint_path(c)}/test", {})),
    "POST /v1/webhook-endpoints/{endpoint_id}/replay": (
        1,
        lambda c: (f"{endpoint_path(c)}/replay", {"body": {"since": "2026-01-01T00:00:00Z"}}),
    ),
    "GET /v1/webhook-deliveries": (1, lambda _: ("/v1/webhook-deliveries", {})),
    "GET /v1/webhook-deliveries/{delivery_id}": (1, lambda c: (delivery_path(c), {})),
    "POST /v1/webhook-deliveries/{delivery_id}/replay": (1, lambda c: (f"{delivery_path(c)}/replay", {})),
    "GET /v1/event-types": (1, lambda _: ("/v1/event-types", {})),
    "GET /v1/audit": (1, lambda _: ("/v1/audit", {})),
    "GET /v1/audit/{entry_id}": (1, lambda c: (f"/v1/audit/{entry_id(c)}", {})),
}


def test_every_route_is_counted():
    assert REQUESTS.keys() == ROUTES.keys(), "add the new route, with its round trips, to REQUESTS"


def test_only_a_change_that_reads_first_takes_two():
    two = {route for route, (trips, _) in REQUESTS.items() if trips > 1}
    assert all(route.startswith("PATCH ") for route in two)


@pytest.mark.parametrize("route", REQUESTS)
def test_round_trips(acme: Company, wire: Wire, route: str):
    expected, request = REQUESTS[route]
    path, details = request(acme)
    acme.call("GET", "/v1/tenant")  # warm: connected
    with wire.counting() as counted:
        answer = send(acme, route, path, details)
    assert answer.status < 300, answer
    assert counted == [expected]


@pytest.mark.parametrize("route", [route for route in REQUESTS if route.startswith("POST ")])
def test_an_idempotency_key_adds_none(acme: Company, wire: Wire, route: str):
    expected, request = REQUESTS[route]
    path, details = request(acme)
    details = {**details, "headers": {"Idempotency-Key": "k", **details.get("headers", {})}}
    acme.call("GET", "/v1/tenant")
    with wire.counting() as counted:
        answer = send(acme, route, path, details)
    assert answer.status < 300, answer
    assert counted == [expected]


def test_an_api_key_adds_none(acme: Company, wire: Wire):
    key = acme.key("projects:read", "projects:write")["secret"]
    call("GET", "/v1/projects", token=key)
    with wire.counting() as counted:
        call("GET", "/v1/projects", token=key)
        call("POST", "/v1/projects", token=key, body={"name": "Apollo"})
    assert counted == [2]


def test_not_naming_the_tenant_adds_one_to_a_change_and_none_to_a_warm_read(acme: Company, wire: Wire):
    acme.owner.call("GET", "/v1/tenant")
    with wire.counting() as reading:
        acme.owner.call("GET", "/v1/tenant")
    with wire.counting() as changing:
        acme.owner.call("POST", "/v1/projects", body={"name": "Apollo"})
    assert (reading, changing) == ([1], [2])


def test_the_control_the_wire_sees_trips_that_are_there(acme: Company, wire: Wire):
    with wire.counting() as counted:
        for _ in range(3):
            acme.call("GET", "/v1/tenant")
    assert counted == [3]


def test_the_control_the_wire_sees_statements_that_pin(wire: Wire):
    seen = Wire(1)
    seen.statements |= {"SET search_path = x", "select set_config('a', 'b', true)", "prepare p as select 1"}
    seen.statements |= {"select * from app.projects", "update app.tenants set name = $1"}
    seen.close()
    assert len(seen.pinning()) == 3
    assert len(wire.statements) > 5, "and the real one has seen some"


def send(company: Company, route: str, path: str, details: dict[str, Any]) -> Answer:
    method = route.partition(" ")[0]
    if ROUTES[route].public:
        return call(method, path, **details)
    return company.call(method, path, **details)
