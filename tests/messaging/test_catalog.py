"""The catalog and what the product really announces are the same, and every example is one."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import BaseModel

from freehold.billing import announcements as billing
from freehold.database import Write
from freehold.grants import events as grants
from freehold.groups import events as groups
from freehold.messaging.catalog import Catalog, example
from freehold.messaging.events import Event, EventType
from freehold.permissions import JOBS_READ, TENANT_READ
from freehold.roles import events as roles
from freehold.scim import events as scim
from freehold.scim.models import UserRow
from freehold.sso import events as sso
from local.companies import Company
from local.reference import openapi
from local.statements import Arguments, every_statement
from product.events import CATALOG
from tests.functions.guests import invite, joined, member_id

LAYERS = Path(__file__).parents[2] / "layers"
KINDS = {kind.name: kind for kind in CATALOG}
BY_WORKERS = {"job.succeeded", "job.failed", "webhook_endpoint.disabled", "webhook_endpoint.tested"} | {
    "operator_acting.started",
    "operator_acting.ended",
}
"""What no request announces: jobs and deliveries do, and operators. A test event goes to its endpoint at once."""
TRIED_ELSEWHERE = {kind.name for kind in Catalog.of(roles, grants, groups, scim, sso, billing)}
"""What the tests of these features have announced."""
IN_SQL = re.compile(r"'([a-z_]+\.[a-z_]+)'")


def announced_by_writes() -> dict[str, Write]:
    statements = [make() for make in every_statement(Arguments()).values()]
    return {s.params["event"]: s for s in statements if isinstance(s, Write) and "event" in s.params}


def announced_by_functions(superuser: str) -> set[str]:
    """What stands between quotes in the functions that announce something, and reads like an event."""
    with psycopg.connect(superuser) as connection:
        bodies = connection.execute(
            "select prosrc from pg_proc p join pg_namespace n on n.oid = pronamespace"
            " where nspname = 'app' and prosrc ~ 'app\\.(announce|outbox)'"
        ).fetchall()
    return {name for (body,) in bodies for name in IN_SQL.findall(body) if not name.startswith("app.")}


def named_by_code() -> set[str]:
    """The kinds whose names in their feature's `events.py` stand in another of its files."""
    named: set[str] = set()
    for path in declaring():
        code = "".join(other.read_text() for other in path.parent.glob("*.py") if other != path)
        named |= {kind.name for name, kind in declared_by(path).items() if f"{path.stem}.{name}" in code}
    return named


def declaring() -> Iterator[Path]:
    """Billing's `events.py` is of Stripe's."""
    yield from (path for path in LAYERS.glob("*/*/events.py") if path.parent.name != "billing")
    yield from LAYERS.glob("*/*/announcements.py")


def declared_by(path: Path) -> dict[str, EventType]:
    module = importlib.import_module(".".join(path.relative_to(LAYERS).with_suffix("").parts))
    return {name: value for name, value in vars(module).items() if isinstance(value, EventType)}


class TestCatalog:
    def test_every_event_of_a_feature_is_in_it(self):
        for path in declaring():
            missing = [kind.name for kind in declared_by(path).values() if kind.name not in KINDS]
            assert missing == [], "add them to product/events.py"

    def test_two_of_one_name_are_refused(self):
        one, other = (
            EventType(name="a.b", description="", data=BaseModel, permission=permission)
            for permission in (TENANT_READ, JOBS_READ)
        )
        assert [kind.name for kind in Catalog([one, one])] == ["a.b"]
        with pytest.raises(ValueError, match=r"two kinds of events are called a\.b"):
            Catalog([one, other])

    def test_subscribers_see_what_they_can_have(self):
        listed = {info.name: info for info in CATALOG.subscribable()}
        assert "tenant.created" in KINDS
        assert "tenant.created" not in listed, "nobody has an endpoint by then"
        assert listed["project.created"].permission == "projects:read"


def announce_members(company: Company) -> None:
    """Everything that happens to members and to invitations."""
    somebody = joined(company).person
    path = f"/v1/members/{member_id(company, somebody)}"
    company.call("PATCH", path, body={"role": "viewer"}, headers={"If-Match": "*"})
    for action in ("suspend", "reactivate", "end-sessions"):
        company.call("POST", f"{path}/{action}")
    company.call("DELETE", path)
    company.call_as(joined(company).person, "POST", "/v1/members/me/leave")
    second = joined(company, "owner").person
    company.call_as(second, "POST", f"/v1/members/{member_id(company, company.owner)}/make-owner")
    invitation = f"/v1/invitations/{invite(company, 'ada@guests.test')['id']}"
    company.call("POST", f"{invitation}/resend")
    company.call("DELETE", invitation)


class TestWhatIsAnnounced:
    def test_by_a_statement_is_in_the_catalog_with_its_answer_as_data(self):
        for name, statement in announced_by_writes().items():
            assert statement.row is not None
            assert issubclass(statement.row, KINDS[name].data) or statement.row is UserRow, (
                "directories have words of their own"
            )
            assert statement.params["event_version"] == KINDS[name].version

    def test_by_a_function_is_in_the_catalog(self, superuser: str):
        assert announced_by_functions(superuser) >= {"tenant.created", "job.failed"}
        assert announced_by_functions(superuser) <= set(KINDS)

    def test_everything_in_the_catalog_is(self, superuser: str):
        assert set(KINDS) == named_by_code() | announced_by_functions(superuser)

    def test_by_a_request_has_the_fields_that_the_catalog_tells(self, acme: Company):
        project = acme.project()["id"]
        acme.call("PATCH", f"/v1/projects/{project}", body={"name": "Other"}, headers={"If-Match": "*"})
        acme.call("POST", f"/v1/projects/{project}/archive")
        acme.call("DELETE", f"/v1/projects/{project}", headers={"If-Match": "*"})
        key = acme.key("projects:read")["id"]
        acme.call("POST", f"/v1/api-keys/{key}/rotate")
        acme.call("DELETE", f"/v1/api-keys/{key}")
        acme.call("PATCH", "/v1/tenant", body={"name": "Renamed"}, headers={"If-Match": "*"})
        made = {"url": "https://hooks.example.com/", "events": ["project.created"]}
        endpoint = f"/v1/webhook-endpoints/{acme.call('POST', '/v1/webhook-endpoints', body=made).json['id']}"
        acme.call("PATCH", endpoint, body={"description": "Other"}, headers={"If-Match": "*"})
        acme.call("POST", f"{endpoint}/rotate-secret", body={})
        acme.execute(
            "update app.webhook_endpoints set state = 'disabled', disabled_reason = 'gone', disabled_at = now()"
            " where tenant_id = %(tenant_id)s"
        )
        acme.call("POST", f"{endpoint}/enable")
        acme.call("DELETE", endpoint)
        announce_members(acme)
        rows = acme.execute("select type, data from app.outbox where tenant_id = %(tenant_id)s")
        assert set(KINDS) - {kind for kind, _ in rows} == BY_WORKERS | TRIED_ELSEWHERE
        for kind, data in rows:
            KINDS[kind].data.model_validate(data)
            assert set(data) == set(KINDS[kind].data.model_fields)


@pytest.mark.parametrize("name", KINDS)
class TestExample:
    def test_is_one(self, name: str):
        event = Event.model_validate(example(KINDS[name]))
        assert (event.type, event.version) == (name, KINDS[name].version)
        assert set(event.data) == set(KINDS[name].data.model_fields)
        KINDS[name].data.model_validate(event.data)


def test_the_openapi_document_tells_of_what_can_be_subscribed_to():
    document = openapi()
    assert list(document["webhooks"]) == [info.name for info in CATALOG.subscribable()]
    schema = document["webhooks"]["project.created"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["data"] == {"$ref": "#/components/schemas/Project"}
    assert "Project" in document["components"]["schemas"]
