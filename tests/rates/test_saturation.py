"""Four processes that ask as fast as they can: what is let in is what there is. `make bench` measures how exactly."""

from datetime import UTC, datetime

from benchmarks.harness.askers import askers
from freehold.callers import Identity, PersonCaller
from freehold.database.login import conninfo
from freehold.ids import TenantId
from local.companies import Company
from tests.rates.conftest import Agree

SECONDS = 1.5
MOST, PERIOD = 100, 1


def test_four_processes_let_in_what_there_is_and_no_more(acme: Company, agree: Agree):
    agree(acme, read=(2 * MOST, PERIOD))  # one caller may take half of it
    with askers(4, conninfo("freehold_api"), owner(acme)) as asking:
        asking.begin(seconds=SECONDS)
        asked = asking.ended()
    allowed = MOST + MOST / PERIOD * asked.seconds
    assert 0.8 * allowed <= asked.accepted <= allowed
    assert asked.refused > asked.accepted / 10, "the control: they have asked for more"


def owner(company: Company) -> PersonCaller:
    issuer = company.people.issuer.url
    identity = Identity(issuer=issuer, subject=company.owner.subject, issued_at=datetime.now(UTC))
    return PersonCaller(tenant_id=TenantId(company.id), identity=identity, request_id="r", address="")
