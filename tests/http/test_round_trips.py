"""Round trips on the wire, warm: one for every read and every single change, two for read-modify-write.

A route that is not in the table below fails the first test, so a new one cannot forget to be counted.
"""

import importlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from functions.manifest import FUNCTIONS
from local.companies import Company, Person
from local.gateway import ROUTES, Answer, call
from local.issuer import Issuer
from tests.billing.stripe_events import event, signed, written
from tests.functions.guests import invite, mailed
from tests.functions.guests import member_id as id_of
from tests.wire import Wire

type Request = Callable[[Company], tuple[str, dict[str, Any]]]

NAME = {"body": {"name": "A name"}}
ANY_VERSION = {"headers": {"If-Match": "*"}}
ROLE_BODY = {"body": {"name": "Leads", "permissions": ["projects:read"]}}
VIEWER_BODY = {"body": {"role": "viewer"}}
INVITEE = {"email": "ada@guests.test", "role": "viewer"}
KEY_BODY = {"body": {"name": "CI", "scopes": ["projects:read"]}}


def member_id(company: Company) -> str:
    return company.call("GET", "/v1/members").json["items"][0]["id"]


def role_path(company: Company) -> str:
    return f"/v1/roles/{company.call('POST', '/v1/roles', **ROLE_BODY).json['id']}"


def grant_path(company: Company) -> str:
    return f"/v1/projects/{company.project()['id']}/grants/{member_id(company)}"


def granted_path(company: Company) -> str:
    path = grant_path(company)
    company.call("PUT", path, **VIEWER_BODY)
    return path


def endpoint_path(company: Company) -> str:
    body = {"url": "https://example.com/hook", "events": ["*"]}
    return f"/v1/webhook-endpoints/{company.call('POST', '/v1/webhook-endpoints', body=body).json['id']}"


def delivery_path(company: Company) -> str:
    return f"/v1/webhook-deliveries/{company.call('POST', f'{endpoint_path(company)}/test').json['id']}"


def told_by_stripe() -> dict[str, Any]:
    body = event()
    return {"body": body, "headers": {"stripe-signature": signed(written(body))}}


def connection_body() -> dict[str, Any]:
    return {"body": {"issuer": "https://idp.example.com", "audience": str(uuid4())}}


def connection_path(company: Company) -> str:
    return f"/v1/sso-connections/{company.call('POST', '/v1/sso-connections', **connection_body()).json['id']}"


def domain_path(company: Company) -> str:
    body = {"name": f"{uuid4().hex}.example.com"}
    return f"/v1/domains/{company.call('POST', '/v1/domains', body=body).json['id']}"


def employee(company: Company, provider: Issuer) -> Person:
    """Somebody of a company that has connected its provider."""
    audience, domain = str(uuid4()), f"{uuid4().hex}.example.com"
    company.call("POST", "/v1/sso-connections", body={"issuer": provider.url, "audience": audience})
    company.execute("insert into app.domains (name, challenge, verified_at) values (%(name)s, 'x', now())", name=domain)
    importlib.import_module("functions.authorizer.handler").registry._answers.clear()  # noqa: SLF001 (a minute passes)
    person = Person(provider.mint("s", f"s@{domain}", aud=audience), "s")
    person.call("GET", "/v1/tenants")  # the authorizer knows the provider
    return person


def job(company: Company, state: str = "waiting", job_class: str = "standard") -> str:
    """A job of the company's; features submit them, and none is here yet."""
    [(job_id,)] = company.execute(
        "insert into app.jobs (kind, job_class, state, input, attempts, finished_at) values ('tests.job',"
        " %(job_class)s, %(state)s, '{}', 1, case when %(state)s = 'failed' then now() end) returning id",
        state=state,
        job_class=job_class,
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


def another(company: Company, role: str = "member") -> str:
    return f"/v1/members/{id_of(company, company.member(role))}"


def leaving(company: Company) -> tuple[str, dict[str, Any]]:
    company.member("owner")
    return "/v1/members/me/leave", {}


def invitation_path(company: Company) -> str:
    return f"/v1/invitations/{invite(company, 'ada@guests.test')['id']}"


def accepting(company: Company) -> tuple[str, dict[str, Any]]:
    """Whoever signed up was removed an hour ago, and somebody else invites them again."""
    second, owner = company.member("owner"), company.owner.subject
    company.execute(
        "update app.members set status = 'removed', updated_at = now() - interval '1 hour' where subject = %(owner)s",
        owner=owner,
    )
    invitation = invite(company, f"{owner}@example.test", by=second)
    return "/v1/invitations/accept", {"body": {"token": mailed(company, invitation)}}


def acting_path(company: Company) -> str:
    """Where an operator acts, who would come through another door than a request."""
    [(visit_id,)] = company.execute(
        "with v as (insert into app.operator_visits (operator, reason, permission)"
        " values ('ada', 'to see it end', 'operators:act') returning *)"
        " insert into app.impersonations (id, operator, member_id, reason, token_hash, expires_at)"
        " select v.id, v.operator, m.id, v.reason, 'x', now() + interval '1 minute' from v, app.members m"
        " where m.tenant_id = %(tenant_id)s limit 1 returning id"
    )
    return f"/v1/operator-visits/{visit_id}"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Lambda gives them to a function."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "test")


def scim_token(company: Company) -> dict[str, Any]:
    body = {"name": "Entra", "default_role": "member"}
    made: dict[str, Any] = company.call("POST", "/v1/scim-tokens", body=body).json
    return made


def scim_thing(company: Company, kind: str) -> str:
    """The path of a user or a group that the directory has made."""
    body = {"userName": "u", "displayName": "D"}
    made = call("POST", f"/scim/v2/{kind}", token=scim_token(company)["secret"], body=body)
    return f"/scim/v2/{kind}/{made.json['id']}"


def scim_request(kind: str, *, one: bool, body: object) -> Request:
    def request(company: Company) -> tuple[str, dict[str, Any]]:
        path = scim_thing(company, kind) if one else f"/scim/v2/{kind}"
        return path, {"token": scim_token(company)["secret"], **({"body": body} if body else {})}

    return request


def discovery(path: str) -> Request:
    return lambda company: (f"/scim/v2/{path}", {"token": scim_token(company)["secret"]})


def entry_id(company: Company) -> str:
    return str(company.call("GET", "/v1/audit").json["items"][0]["id"])


def customer_path(company: Company, what: str) -> str:
    """Of a company that is a customer at Stripe."""
    company.call("POST", "/v1/billing/portal", body={})
    return f"/v1/billing/{what}"


def invoice_path(company: Company) -> str:
    [(invoice_id,)] = company.execute(
        "insert into app.invoices (id, stripe_id, status, currency, subtotal, total, amount_due, amount_paid,"
        " amount_remaining, issued_at) values (gen_random_uuid(), 'in_1', 'paid', 'usd', 1, 1, 1, 1, 0, now())"
        " returning id"
    )
    return f"/v1/billing/invoices/{invoice_id}"


REQUESTS: dict[str, tuple[int, Request]] = {
    "GET /health": (1, lambda _: ("/health", {})),
    "POST /stripe/webhooks": (1, lambda _: ("/stripe/webhooks", told_by_stripe())),
    "GET /openapi.json": (0, lambda _: ("/openapi.json", {})),
    "POST /v1/tenants": (1, lambda _: ("/v1/tenants", NAME)),
    "GET /v1/tenants": (1, lambda _: ("/v1/tenants", {})),
    "GET /v1/tenant": (1, lambda _: ("/v1/tenant", {})),
    "PATCH /v1/tenant": (2, lambda _: ("/v1/tenant", {**NAME, **ANY_VERSION})),
    "GET /v1/members": (1, lambda _: ("/v1/members", {})),
    "GET /v1/members/{member_id}": (1, lambda company: (f"/v1/members/{member_id(company)}", {})),
    "PATCH /v1/members/{member_id}": (2, lambda c: (another(c), {"body": {"role": "viewer"}, **ANY_VERSION})),
    "POST /v1/members/{member_id}/suspend": (1, lambda c: (f"{another(c)}/suspend", {})),
    "POST /v1/members/{member_id}/reactivate": (1, lambda c: (f"{another(c)}/reactivate", {})),
    "POST /v1/members/{member_id}/end-sessions": (1, lambda c: (f"{another(c)}/end-sessions", {})),
    "POST /v1/members/{member_id}/make-owner": (1, lambda c: (f"{another(c)}/make-owner", {})),
    "POST /v1/members/me/leave": (1, leaving),
    "DELETE /v1/members/{member_id}": (1, lambda c: (another(c), {})),
    "POST /v1/invitations": (1, lambda _: ("/v1/invitations", {"body": INVITEE})),
    "GET /v1/invitations": (1, lambda _: ("/v1/invitations", {})),
    "GET /v1/invitations/{invitation_id}": (1, lambda c: (invitation_path(c), {})),
    "POST /v1/invitations/{invitation_id}/resend": (1, lambda c: (f"{invitation_path(c)}/resend", {})),
    "POST /v1/invitations/import": (1, lambda _: ("/v1/invitations/import", {"body": {"items": [INVITEE]}})),
    "POST /v1/invitations/accept": (1, accepting),
    "DELETE /v1/invitations/{invitation_id}": (1, lambda c: (invitation_path(c), {})),
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
    "POST /v1/sign-ins": (1, lambda _: ("/v1/sign-ins", {})),
    "POST /v1/sso-connections": (1, lambda _: ("/v1/sso-connections", connection_body())),
    "GET /v1/sso-connections": (1, lambda _: ("/v1/sso-connections", {})),
    "GET /v1/sso-connections/{connection_id}": (1, lambda c: (connection_path(c), {})),
    "PATCH /v1/sso-connections/{connection_id}": (
        2,
        lambda c: (connection_path(c), {"body": {"jit": False}, **ANY_VERSION}),
    ),
    "DELETE /v1/sso-connections/{connection_id}": (1, lambda c: (connection_path(c), {})),
    "POST /v1/domains": (1, lambda _: ("/v1/domains", {"body": {"name": f"{uuid4().hex}.example.com"}})),
    "GET /v1/domains": (1, lambda _: ("/v1/domains", {})),
    "GET /v1/domains/{domain_id}": (1, lambda c: (domain_path(c), {})),
    "POST /v1/domains/{domain_id}/verify": (1, lambda c: (f"{domain_path(c)}/verify", {})),
    "DELETE /v1/domains/{domain_id}": (1, lambda c: (domain_path(c), {})),
    "POST /v1/members/{member_id}/break-glass": (1, lambda c: (f"/v1/members/{member_id(c)}/break-glass", {})),
    "DELETE /v1/members/{member_id}/break-glass": (1, lambda c: (f"/v1/members/{member_id(c)}/break-glass", {})),
    "GET /v1/event-types": (1, lambda _: ("/v1/event-types", {})),
    "GET /v1/permissions": (1, lambda _: ("/v1/permissions", {})),
    "POST /v1/roles": (1, lambda _: ("/v1/roles", ROLE_BODY)),
    "GET /v1/roles": (1, lambda _: ("/v1/roles", {})),
    "GET /v1/roles/{role_id}": (1, lambda c: (role_path(c), {})),
    "PATCH /v1/roles/{role_id}": (2, lambda c: (role_path(c), {**NAME, **ANY_VERSION})),
    "DELETE /v1/roles/{role_id}": (1, lambda c: (role_path(c), {})),
    "GET /v1/projects/{project_id}/grants": (1, lambda c: (f"/v1/projects/{c.project()['id']}/grants", {})),
    "PUT /v1/projects/{project_id}/grants/{member_id}": (1, lambda c: (grant_path(c), VIEWER_BODY)),
    "DELETE /v1/projects/{project_id}/grants/{member_id}": (1, lambda c: (granted_path(c), {})),
    "POST /v1/scim-tokens": (1, lambda _: ("/v1/scim-tokens", {"body": {"name": "Okta", "default_role": "member"}})),
    "GET /v1/scim-tokens": (1, lambda _: ("/v1/scim-tokens", {})),
    "DELETE /v1/scim-tokens/{scim_token_id}": (1, lambda c: (f"/v1/scim-tokens/{scim_token(c)['id']}", {})),
    "GET /v1/groups": (1, lambda _: ("/v1/groups", {})),
    "PUT /v1/groups/{group_id}": (
        1,
        lambda c: (f"/v1/groups/{scim_thing(c, 'Groups').rpartition('/')[2]}", {"body": {"role": "viewer"}}),
    ),
    **{
        f"{method} /scim/v2/{kind}{'/{resource_id}' if one else ''}": (trips, scim_request(kind, one=one, body=body))
        for kind, change in (("Users", {"active": False}), ("Groups", {"displayName": "B"}))
        for method, trips, one, body in (
            ("GET", 1, False, None),
            ("POST", 1, False, {"userName": "a", "displayName": "A"}),
            ("GET", 1, True, None),
            ("PUT", 2, True, {"userName": "b", "displayName": "B"}),
            ("PATCH", 2, True, {"Operations": [{"op": "replace", "value": change}]}),
            ("DELETE", 1, True, None),
        )
    },
    **{
        f"GET /scim/v2/{template}": (0, discovery(path))
        for template, path in (
            ("ServiceProviderConfig", "ServiceProviderConfig"),
            ("ResourceTypes", "ResourceTypes"),
            ("ResourceTypes/{name}", "ResourceTypes/User"),
            ("Schemas", "Schemas"),
            ("Schemas/{urn}", "Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
        )
    },
    **{
        f"{method} /scim/v2/{{endpoint}}": (0, discovery("nothing"))
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    },
    "GET /v1/operator-visits": (1, lambda _: ("/v1/operator-visits", {})),
    "POST /v1/operator-visits/{visit_id}/end": (1, lambda c: (f"{acting_path(c)}/end", {})),
    "POST /v1/usage/events": (1, lambda _: ("/v1/usage/events", {"body": {"id": "a", "meter": "api_calls"}})),
    "POST /ofrep/v1/evaluate/flags": (1, lambda _: ("/ofrep/v1/evaluate/flags", {"body": {}})),
    "POST /ofrep/v1/evaluate/flags/{key}": (1, lambda _: ("/ofrep/v1/evaluate/flags/audit_export", {"body": {}})),
    "GET /v1/usage": (1, lambda _: ("/v1/usage", {})),
    "GET /v1/usage/current": (1, lambda _: ("/v1/usage/current", {})),
    "GET /v1/plans": (1, lambda _: ("/v1/plans", {})),
    "GET /v1/billing": (1, lambda _: ("/v1/billing", {})),
    "GET /v1/billing/invoices": (1, lambda _: ("/v1/billing/invoices", {})),
    "GET /v1/billing/invoices/{invoice_id}": (1, lambda c: (invoice_path(c), {})),
    "GET /v1/billing/requests/{job_id}": (1, lambda c: (f"/v1/billing/requests/{job(c, job_class='payments')}", {})),
    "POST /v1/billing/change": (1, lambda c: (customer_path(c, "change"), {"body": {"plan": "scale"}})),
    "POST /v1/billing/cancel": (1, lambda c: (customer_path(c, "cancel"), {"body": {}})),
    "POST /v1/billing/resume": (1, lambda c: (customer_path(c, "resume"), {})),
    "POST /v1/billing/checkout": (4, lambda c: (customer_path(c, "checkout"), {"body": {"plan": "pro"}})),
    "POST /v1/billing/portal": (2, lambda c: (customer_path(c, "portal"), {"body": {}})),
    "POST /v1/billing/preview": (3, lambda c: (customer_path(c, "preview"), {"body": {"plan": "pro"}})),
    "GET /v1/audit": (1, lambda _: ("/v1/audit", {})),
    "GET /v1/audit/{entry_id}": (1, lambda c: (f"/v1/audit/{entry_id(c)}", {})),
}


def test_every_route_is_counted():
    assert REQUESTS.keys() == ROUTES.keys(), "add the new route, with its round trips, to REQUESTS"


def test_only_a_change_that_reads_first_and_what_asks_stripe_takes_two():
    two = {route for route, (trips, _) in REQUESTS.items() if trips > 1}
    asks_stripe = set(next(function.routes for function in FUNCTIONS if function.name == "checkout"))
    assert all(route.startswith(("PATCH ", "PUT /scim/")) for route in two - asks_stripe)


@pytest.mark.parametrize("route", REQUESTS)
def test_round_trips(acme: Company, wire: Wire, provider: Issuer, route: str):
    expected, request = REQUESTS[route]
    path, details = request(acme)
    who = employee(acme, provider) if route == "POST /v1/sign-ins" else None
    warm(acme)
    with wire.counting() as counted:
        answer = send(who or acme, route, path, details)
    assert answer.status < 300 or (answer.status == 404 and "{endpoint}" in route), answer
    assert counted == [expected]


@pytest.mark.parametrize("route", [route for route in REQUESTS if route.startswith("POST ")])
def test_an_idempotency_key_adds_none(acme: Company, wire: Wire, provider: Issuer, route: str):
    expected, request = REQUESTS[route]
    path, details = request(acme)
    who = employee(acme, provider) if route == "POST /v1/sign-ins" else None
    details = {**details, "headers": {"Idempotency-Key": "k", **details.get("headers", {})}}
    warm(acme)
    with wire.counting() as counted:
        answer = send(who or acme, route, path, details)
    assert answer.status < 300 or (answer.status == 404 and "{endpoint}" in route), answer
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


def warm(company: Company) -> None:
    """Connected, and it is known what decides for this tenant."""
    company.call("POST", "/ofrep/v1/evaluate/flags", body={})


def send(company: Company | Person, route: str, path: str, details: dict[str, Any]) -> Answer:
    method = route.partition(" ")[0]
    if ROUTES[route].public or "token" in details:
        return call(method, path, **details)
    return company.call(method, path, **details)
