"""/v1/domains, and the job that asks a real name server on loopback."""

import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from dns.resolver import Resolver

from freehold.sso.names import claimable
from freehold.sso.records import Unanswered, texts
from local.companies import Company
from tests.sso.conftest import Works

PATH = "/v1/domains"
LARGE = 5


class NameServer:
    """Answers TXT questions on loopback over UDP, and over TCP where an answer is too long; silent where told so."""

    def __init__(self) -> None:
        self.zone: dict[str, list[str]] = {}
        self.silent = self.broken = False
        self.asked: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._threads = [threading.Thread(target=serve, daemon=True) for serve in (self._datagrams, self._streams)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._udp.close()
        self._tcp.close()

    def resolver(self) -> Resolver:
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.timeout = ["127.0.0.1"], self.port, 0.5
        return resolver

    def texts(self, name: str) -> Any:
        return texts(name, self.resolver())

    def _answer(self, wire: bytes, *, by: str) -> bytes:
        question = dns.message.from_wire(wire)
        name = question.question[0].name.to_text(omit_final_dot=True)
        self.asked.append(f"{by} {name}")
        answer = dns.message.make_response(question)
        if self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.zone:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif by == "udp" and len(self.zone[name]) > LARGE:
            answer.flags |= dns.flags.TC
        elif self.zone[name]:
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *self.zone[name]))
        return answer.to_wire()

    def _datagrams(self) -> None:
        try:
            while True:
                wire, sender = self._udp.recvfrom(4096)
                if not self.silent:
                    self._udp.sendto(self._answer(wire, by="udp"), sender)
        except OSError:
            return

    def _streams(self) -> None:
        try:
            while True:
                connection, _ = self._tcp.accept()
                with connection:
                    length = int.from_bytes(connection.recv(2, socket.MSG_WAITALL))
                    answer = self._answer(connection.recv(length, socket.MSG_WAITALL), by="tcp")
                    connection.sendall(len(answer).to_bytes(2) + answer)
        except OSError:
            return


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.close()


def claim(company: Company, name: str = "acme.example") -> dict[str, Any]:
    answer = company.call("POST", PATH, body={"name": name})
    assert answer.status == 201, answer
    return answer.json


def verify(company: Company, domain: Mapping[str, Any]) -> str:
    answer = company.call("POST", f"{PATH}/{domain['id']}/verify")
    assert (answer.status, answer.json["kind"], answer.json["job_class"]) == (202, "sso.verify_domain", "interactive")
    return str(answer.json["id"])


def set_record(names: NameServer, domain: Mapping[str, Any], *others: str) -> None:
    names.zone[domain["record_name"]] = [f'"{text}"' for text in (*others, domain["record_value"])]


def job(company: Company, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = company.call("GET", f"/v1/jobs/{job_id}").json
    return found


class TestClaim:
    def test_says_which_record_to_set(self, acme: Company):
        domain = claim(acme, "ACME.Example.")
        assert (domain["name"], domain["record_name"]) == ("acme.example", "_freehold.acme.example")
        assert domain["record_value"].startswith("freehold-verification=")
        assert len(domain["record_value"]) > 50
        assert domain["verified_at"] is None
        assert acme.call("GET", f"{PATH}/{domain['id']}").json == domain

    def test_by_several_is_possible_and_each_has_a_record_of_its_own(self, acme: Company, globex: Company):
        one, other = claim(acme, "shared.example.com"), claim(globex, "shared.example.com")
        assert one["record_value"] != other["record_value"]
        again = acme.call("POST", PATH, body={"name": "shared.example.com"})
        assert (again.status, again.code) == (409, "already_exists")

    @pytest.mark.parametrize(
        "name",
        ["com", "localhost", "co.uk", "com.au", "or.jp", "gmail.com", "GMAIL.com.", "outlook.com", "web.de",
         "github.io", "acme", "", ".", "a..b", "-a.com", "acme.internal", "acme.local", "10.0.0.1", "acme.com/x",
         "ac me.com", "*.acme.com", "_x.acme.com", "bücher.example", "x" * 260 + ".com"],
    )  # fmt: skip
    def test_of_what_can_be_nobodys_alone_is_refused_in_a_sentence(self, acme: Company, name: str):
        answer = acme.call("POST", PATH, body={"name": name})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.name")

    @pytest.mark.parametrize("name", ["acme.com", "acme.co.uk", "mail.acme.com", "xn--bcher-kva.example", "a.io"])
    def test_the_control_of_a_companys_is_not(self, name: str):
        assert claimable(name) == name

    def test_whoever_is_no_admin_may_not(self, acme: Company):
        assert acme.call_as(acme.member("member"), "POST", PATH, body={"name": "a.example"}).status == 403

    def test_a_neighbour_sees_nothing_of_it(self, acme: Company, globex: Company):
        path = f"{PATH}/{claim(acme)['id']}"
        assert globex.call("GET", path).status == 404
        assert globex.call("POST", f"{path}/verify").status == 404
        assert globex.call("DELETE", path).status == 404
        assert acme.call("DELETE", path).status == 204, "the control"


class TestVerify:
    def test_the_record_shows_whose_it_is(self, acme: Company, names: NameServer, works: Works):
        domain = claim(acme, "verified.example.com")
        set_record(names, domain, "v=spf1 -all")
        job_id = verify(acme, domain)
        assert names.asked == [], "no request asks the DNS"
        works.run(names.texts)
        assert job(acme, job_id)["state"] == "succeeded"
        assert names.asked == ["udp _freehold.verified.example.com"]
        assert acme.call("GET", f"{PATH}/{domain['id']}").json["verified_at"] is not None
        told = acme.execute("select type from app.outbox where tenant_id = %(tenant_id)s and type like 'domain.%%'")
        assert sorted(told) == [("domain.created",), ("domain.verified",)]

    def test_a_long_answer_comes_over_tcp(self, acme: Company, names: NameServer, works: Works):
        domain = claim(acme, "long.example.com")
        set_record(names, domain, *(f"other {number}" for number in range(LARGE + 1)))
        job_id = verify(acme, domain)
        works.run(names.texts)
        assert job(acme, job_id)["state"] == "succeeded"
        assert [asked.split()[0] for asked in names.asked] == ["udp", "tcp"]

    @pytest.mark.parametrize(
        "zone", [None, [], ['"freehold-verification=somebody-elses"']], ids=["none", "empty", "other"]
    )
    def test_without_the_record_it_is_looked_for_again(self, acme: Company, names: NameServer, works: Works, zone: Any):
        domain = claim(acme, "missing.example.com")
        if zone is not None:
            names.zone[domain["record_name"]] = zone
        job_id = verify(acme, domain)
        works.run(names.texts)
        found = job(acme, job_id)
        assert (found["state"], found["attempt"]) == ("scheduled", 1)
        assert "There is no TXT record" in found["reason"]
        assert acme.call("GET", f"{PATH}/{domain['id']}").json["verified_at"] is None

    def test_the_record_of_another_tenant_does_not_do(
        self, acme: Company, globex: Company, names: NameServer, works: Works
    ):
        mine, theirs = claim(acme, "contested.example.com"), claim(globex, "contested.example.com")
        set_record(names, theirs)
        job_id = verify(acme, mine)
        works.run(names.texts)
        assert job(acme, job_id)["state"] == "scheduled"

    def test_a_verified_one_is_one_tenants_until_it_is_given_up(
        self, acme: Company, globex: Company, names: NameServer, works: Works
    ):
        mine, theirs = claim(acme, "unique.example.com"), claim(globex, "unique.example.com")
        set_record(names, mine, theirs["record_value"])
        verify(acme, mine)
        works.run(names.texts)
        second = verify(globex, theirs)
        works.run(names.texts)
        assert (job(globex, second)["state"], job(globex, second)["reason"]) == (
            "failed", "Another tenant has shown that this domain is its own.",
        )  # fmt: skip
        globex.call("DELETE", f"{PATH}/{theirs['id']}")
        refused = globex.call("POST", PATH, body={"name": "unique.example.com"})
        assert (refused.status, refused.code) == (409, "domain_taken")
        assert acme.call("DELETE", f"{PATH}/{mine['id']}").status == 204
        assert globex.call("POST", PATH, body={"name": "unique.example.com"}).status == 201

    def test_one_that_was_given_up_meanwhile_ends_the_job(self, acme: Company, names: NameServer, works: Works):
        domain = claim(acme)
        job_id = verify(acme, domain)
        acme.call("DELETE", f"{PATH}/{domain['id']}")
        works.run(names.texts)
        assert (job(acme, job_id)["state"], job(acme, job_id)["reason"]) == ("failed", "This domain was given up.")

    def test_whoever_may_no_longer_when_it_starts_verifies_nothing(
        self, acme: Company, names: NameServer, works: Works
    ):
        admin = acme.member("admin")
        domain = claim(acme, "late.example.com")
        set_record(names, domain)
        assert acme.call_as(admin, "POST", f"{PATH}/{domain['id']}/verify").status == 202
        acme.execute(
            "update app.members set role = 'viewer' where tenant_id = %(tenant_id)s and subject = %(subject)s",
            subject=admin.subject,
        )
        works.run(names.texts)
        assert acme.call("GET", f"{PATH}/{domain['id']}").json["verified_at"] is None


class TestRecords:
    def test_a_text_in_pieces_is_one(self, names: NameServer):
        names.zone["x.example"] = ['"freehold-" "verification=1"']
        assert names.texts("x.example") == ["freehold-verification=1"]

    def test_a_server_that_is_broken_or_silent_has_not_answered(
        self, names: NameServer, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("freehold.sso.records.SECONDS", 0.6)
        names.broken = True
        with pytest.raises(Unanswered):
            names.texts("x.example")
        names.broken, names.silent = False, True
        with pytest.raises(Unanswered):
            names.texts("x.example")
        names.silent = False
        assert names.texts("x.example") == [], "the control"
