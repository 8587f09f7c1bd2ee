"""Who asks, behind CloudFront: what it says counts where API Gateway has seen its certificate, and nowhere else."""

import pytest

from freehold.http import viewer
from freehold.http.events import Event
from infra.domain import EDGE_SUBJECT
from local.companies import Company
from local.gateway import ROUTES, authorize, handler, make_event

CLOUDFRONTS, CLIENTS = "198.51.100.7", "203.0.113.9"
SHOWN = {"clientCert": {"clientCertPem": "…", "subjectDN": EDGE_SUBJECT, "issuerDN": "CN=freehold-edge-authority"}}
SAYS = {viewer.ADDRESS: CLIENTS, viewer.HOST: "api.acme.com"}
FORGED = [
    pytest.param(None, id="nothing-shown"),
    pytest.param({}, id="no-certificate"),
    pytest.param({"clientCert": None}, id="null"),
    pytest.param({"clientCert": {}}, id="empty"),
    pytest.param({"clientCert": {"subjectDN": "CN=freehold-edge,O=Evil"}}, id="longer"),
    pytest.param({"clientCert": {"subjectDN": "O=CN=freehold-edge"}}, id="within"),
    pytest.param({"clientCert": {"subjectDN": "CN=partner", "issuerDN": EDGE_SUBJECT}}, id="its-issuer"),
]


def event(authentication, headers):
    raw = make_event("GET /health", "/health", {}, {})
    raw["headers"] |= headers
    raw["requestContext"]["domainName"] = "origin.acme.com"
    raw["requestContext"]["http"]["sourceIp"] = CLOUDFRONTS
    if authentication is not None:
        raw["requestContext"]["authentication"] = authentication
    return Event(raw)


class TestThroughTheEdge:
    @pytest.mark.parametrize("address", [CLIENTS, "2001:db8::7"])
    def test_the_address_is_the_clients(self, address):
        assert event(SHOWN, {**SAYS, viewer.ADDRESS: address}).address == address

    def test_the_host_is_the_one_that_the_client_knows(self):
        assert event(SHOWN, SAYS).host == "api.acme.com"

    @pytest.mark.parametrize("said", ["", "unknown", f"{CLIENTS}, 192.0.2.1", "192.0.2.1' or '1", "10.0.0.0/8", "1"])
    def test_what_is_no_address_is_not_taken(self, said):
        assert event(SHOWN, {viewer.ADDRESS: said}).address == CLOUDFRONTS

    @pytest.mark.parametrize("said", ["", "evil.example/x", "a b", "a,b", "a" * 254, 'x"'])
    def test_what_is_no_host_is_not_taken(self, said):
        assert event(SHOWN, {viewer.HOST: said}).host == "origin.acme.com"


class TestPastTheEdge:
    @pytest.mark.parametrize("authentication", FORGED)
    def test_nobody_chooses_their_address_or_host(self, authentication):
        forged = event(authentication, SAYS)
        assert (forged.address, forged.host) == (CLOUDFRONTS, "origin.acme.com")

    def test_a_header_that_says_it_is_the_edge_is_none(self):
        assert event(None, {**SAYS, "authentication": EDGE_SUBJECT, "x-forwarded-for": CLIENTS}).address == CLOUDFRONTS


class TestAgreement:
    def test_on_whom_to_believe(self):
        assert viewer.EDGE == EDGE_SUBJECT


class TestTrail:
    def create(self, company: Company, authentication):
        """A project is made, and the address is read that the audit trail has of it."""
        route = "POST /v1/projects"
        raw = make_event(route, "/v1/projects", {}, {})
        raw["headers"] |= SAYS | {
            "authorization": f"Bearer {company.owner.token}",
            "freehold-tenant": str(company.id),
            "content-type": "application/json",
        }
        raw["body"] = '{"name": "Apollo"}'
        raw["requestContext"]["http"]["sourceIp"] = CLOUDFRONTS
        if authentication:
            raw["requestContext"]["authentication"] = authentication
        raw["requestContext"]["authorizer"] = {"lambda": authorize(raw)}
        assert handler(ROUTES[route])(raw, None)["statusCode"] == 201
        [(address,)] = company.execute(
            "select address from app.audit where tenant_id = %(tenant_id)s and action = 'projects.insert'"
        )
        return address

    def test_holds_the_client_behind_the_edge(self, acme: Company):
        assert self.create(acme, SHOWN) == CLIENTS

    def test_holds_whoever_connected_where_nobody_vouches(self, acme: Company):
        assert self.create(acme, None) == CLOUDFRONTS
