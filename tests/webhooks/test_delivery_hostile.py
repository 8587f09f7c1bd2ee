"""No hostile URL leads to a connection through the product: at creation, change, sending, redirect or replay."""

from collections.abc import Iterator

import pytest

from freehold.webhooks.egress import Egress
from tests.webhooks.hostile import HOSTILE, Protected, protected, resolve
from tests.webhooks.listeners import Listener, answering
from tests.webhooks.office import DELIVERIES, ENDPOINTS, Office


@pytest.fixture(scope="module")
def guarded() -> Iterator[Protected]:
    with protected() as listeners:
        yield listeners


def urls(guarded: Protected) -> list[str]:
    """What PostgreSQL can keep: a NUL it cannot."""
    return [url for url in (hostile.aimed_at(guarded.port) for hostile in HOSTILE) if "\0" not in url]


def test_there_are_at_least_sixty(guarded: Protected):
    assert len(urls(guarded)) >= 60


class TestTheApi:
    def test_refuses_or_keeps_without_asking_anybody(self, office: Office, guarded: Protected):
        endpoint = office.endpoint()
        path, refused, kept = f"{ENDPOINTS}/{endpoint['id']}", 0, []
        for hostile in HOSTILE:
            url = hostile.aimed_at(guarded.port)
            made = office.tenant.call("POST", ENDPOINTS, body={"url": url, "events": ["*"]})
            changed = office.tenant.call("PATCH", path, body={"url": url}, headers={"If-Match": "*"})
            assert (made.status, changed.status) in {(400, 400), (422, 422), (201, 200)}, url
            if made.status == 422:
                assert made.json["errors"][0]["field"] == "body.url"
                refused += 1
            elif made.status == 201:
                kept.append(hostile)
                office.tenant.call("DELETE", f"{ENDPOINTS}/{made.json['id']}")
        assert guarded.connections == 0
        assert refused > 60
        assert all(hostile.addresses for hostile in kept), (
            "only what a name server would have to say is left to sending"
        )


class TestSending:
    def test_no_delivery_test_or_replay_reaches_them(self, office: Office, guarded: Protected):
        office.egress = Egress(resolve=resolve)
        endpoint = office.endpoint()
        for url in urls(guarded):
            office.execute(
                "update app.webhook_endpoints set url = %(url)s where tenant_id = %(tenant_id)s", url=url[:2048]
            )
            office.execute("delete from app.webhook_failures where tenant_id = %(tenant_id)s")
            office.execute("delete from app.jobs where tenant_id = %(tenant_id)s")
            office.happen()
            office.tenant.call("POST", f"{ENDPOINTS}/{endpoint['id']}/test")
            office.tenant.call("POST", f"{DELIVERIES}/{office.listed()[0]['id']}/replay")
            assert office.run() == ["again"] * 3, url
        assert guarded.connections == 0
        [(tried, answered)] = office.execute(
            "select count(*), count(status) from app.delivery_attempts where tenant_id = %(tenant_id)s"
        )
        assert (tried, answered) == (3 * len(urls(guarded)), 0)

    def test_no_redirect_leads_to_them(self, office: Office, guarded: Protected):
        locations = iter(urls(guarded))

        def lead(connection) -> None:
            location = next(locations).translate(dict.fromkeys(map(ord, "\r\n"))).encode("ascii", "ignore").decode()
            answering("307 Temporary Redirect", f"Location: {location}")(connection)

        with Listener(lead) as receiver:
            office.reaching(receiver, resolve=resolve)
            office.endpoint(receiver.url)
            for _ in urls(guarded):
                office.execute("delete from app.webhook_failures where tenant_id = %(tenant_id)s")
                office.execute("delete from app.jobs where tenant_id = %(tenant_id)s")
                office.happen()
                assert office.run() == ["again"]
        assert (receiver.connections, guarded.connections) == (len(urls(guarded)), 0)

    def test_the_control_a_listener_that_is_let_in_is_reached(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver, resolve=resolve)
            office.endpoint(receiver.url)
            office.happen()
            assert office.run() == ["succeeded"]
        assert receiver.connections == 1
