"""`make dev` as a newcomer meets it: the cloud from nothing, with alice in it, her company and its server."""

import json
import shlex
import subprocess
import sys
from uuid import UUID

import httpx
import psycopg
import pytest
import stripe

from local import bearer
from local.cloud import Cloud, Ports
from local.dev import ports_of, welcome
from local.errors import LocalError
from local.function_host import deployed_environment
from local.invoke import aws_at
from local.ports import free_port
from local.postgres import SUPERUSER
from local.processes import environment
from local.project import ROOT
from local.seed import ALICE, COLLEAGUES, GARY, PATH, acme
from local.stripe_double.__main__ import customer_of, parse, run
from tests.local.working_cloud import until


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    ports = Ports(free_port(), free_port(), free_port(), free_port(), free_port())
    with Cloud(tmp_path_factory.mktemp("project") / "dev", ports=ports, stage="sandbox") as cloud:
        yield cloud


@pytest.fixture(scope="module")
def tenant(cloud):
    return acme(cloud)


@pytest.fixture
def alice(cloud, tenant):
    headers = {"Authorization": f"Bearer {cloud.issuer.token_for(ALICE)}", "Freehold-Tenant": tenant}
    with httpx.Client(base_url=cloud.url, headers=headers, timeout=30, trust_env=False) as alice:
        yield alice


def heard(cloud, kind):
    """What alice's server heard and believed."""
    return [webhook.event for webhook in cloud.customer.webhooks if webhook.event["type"] == kind]


class TestPorts:
    def test_of_which_two_are_one_are_refused_by_name(self):
        wanted = {"api": 4566, "issuer": 4567, "database": 4568, "mail": 4569, "webhook": 4570, "stripe": 4571}
        assert ports_of(wanted).stripe == 4571
        with pytest.raises(LocalError, match="API_PORT and STRIPE_PORT are both 4566: choose another for one"):
            ports_of(wanted | {"stripe": 4566})


class TestStart:
    def test_the_line_for_psql_reads_what_the_product_wrote(self, cloud, tenant):
        [line] = [line for line in welcome(cloud, tenant).splitlines() if "psql" in line]
        assert all(character not in line for character in "$`!"), "a shell leaves it as it is"
        with psycopg.connect(shlex.split(line)[-1]) as connection:
            assert connection.execute("select name from app.tenants where id = %s", [tenant]).fetchone()

    def test_alice_signs_up_and_can_work(self, cloud, tenant):
        assert UUID(tenant), "the functions' log says why not"
        assert acme(cloud) == tenant, "and she is still there"

    def test_what_was_logged_outlives_the_cloud_where_it_is_kept(self, cloud, tenant, tmp_path):
        assert tenant
        cloud.keep_logs(tmp_path / "kept")
        assert "POST /v1/tenants" in (tmp_path / "kept" / "functions.log").read_text()
        assert (tmp_path / "kept" / "emulator.log").read_bytes() == cloud.emulator.log.read_bytes()

    def test_a_start_gives_her_server_a_new_secret_and_no_second_endpoint(self, cloud, alice):
        before = cloud.customer.secrets[PATH]
        acme(cloud)
        assert cloud.customer.secrets[PATH] != before
        assert len(alice.get("/v1/webhook-endpoints").json()["items"]) == 1


class TestPayments:
    def test_what_happens_at_stripe_is_told_to_the_product_by_its_own_way_in(self, cloud):
        client = stripe.StripeClient(cloud.stripe.secret_key, base_addresses={"api": cloud.stripe.url})
        made = client.v1.customers.create({"name": "Somebody"})
        sql = "select type, state from directory.stripe_events where subject = %s"
        with psycopg.connect(cloud.database.conninfo_of(SUPERUSER), autocommit=True) as connection:
            assert until(lambda: connection.execute(sql, [made.id]).fetchall()) == [("customer.created", "waiting")]

    def test_a_newcomer_reads_where_it_is_and_no_secret(self, cloud, tenant):
        said = welcome(cloud, tenant)
        assert f"{cloud.stripe.url} is a double of Stripe" in said
        assert "whsec_" not in said


class TestWhoExists:
    def test_is_printed_with_a_request_of_each(self, cloud, tenant):
        shown = welcome(cloud, tenant)
        told = [line.strip() for line in shown.splitlines() if "Freehold-Tenant: " in line and "make --silent" in line]
        people = {ALICE: "owner", GARY: "owner", **COLLEAGUES}
        assert len(told) >= len(people)
        for email, role in people.items():
            assert f"{email}, {role} of" in shown
        [line] = [line for line in told if "WHO=bob@acme.test" in line]
        token = bearer.token(cloud.issuer.url, "bob@acme.test")
        command = line.replace("$(make --silent token WHO=bob@acme.test)", token)
        answer = subprocess.run(command, shell=True, check=True, capture_output=True, text=True)  # noqa: S602 (as pasted)
        assert "items" in json.loads(answer.stdout)

    def test_is_on_the_login_page_where_they_sign_in(self, cloud, tenant):
        page = httpx.get(f"{cloud.issuer.url}/", trust_env=False).text
        assert all(email in page for email in (ALICE, GARY, *COLLEAGUES))

    def test_a_second_start_hires_nobody_twice(self, cloud, alice, tenant):
        acme(cloud)
        emails = [member["email"] for member in alice.get("/v1/members").json()["items"]]
        assert sorted(emails) == sorted([ALICE, *COLLEAGUES])


class TestAfterwards:
    def test_what_she_does_reaches_her_server(self, cloud, alice):
        made = alice.post("/v1/projects", json={"name": "Moon"}).json()
        until(lambda: [event for event in heard(cloud, "project.created") if event["subject_id"] == made["id"]])

    def test_a_report_becomes_a_file_and_a_mail(self, cloud, alice):
        job = alice.post("/v1/reports", json={"report": "projects"}).json()
        [mail] = until(lambda: [mail for mail in cloud.mailbox.mails() if job["id"] in (mail.html or "")])
        assert mail.to == (ALICE,)
        link = alice.get(f"/v1/jobs/{job['id']}/result").json()
        written = httpx.get(link["url"], trust_env=False)
        assert (written.status_code, len(written.content)) == (200, link["bytes"])


@pytest.fixture(scope="module")
def answers(cloud, tenant):
    """Of `make invoke` with each example event, in a process that knows nothing but what functions are told."""
    emulator = cloud.emulator.endpoint
    told = deployed_environment(emulator) | aws_at(emulator) | {"FREEHOLD_RELAY_STAYS": "0"}
    paths = f"{ROOT}:{ROOT / 'layers'}"
    command = [sys.executable, "-m", "tests.local.invoking"]
    env = environment(PYTHONPATH=paths, **told)
    done = subprocess.run(command, env=env, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class TestInvoke:
    def test_each_example_of_a_request_is_answered(self, answers):
        statuses = {name: answer["statusCode"] for name, answer in answers.items() if "statusCode" in (answer or {})}
        assert len(statuses) > 30
        assert {name: status for name, status in statuses.items() if status >= 500} == {}

    def test_each_example_of_a_message_is_taken(self, answers):
        failures = {name: answer for name, answer in answers.items() if "batchItemFailures" in (answer or {})}
        assert len(failures) >= 10
        assert {name: answer for name, answer in failures.items() if answer["batchItemFailures"]} == {}

    def test_each_example_of_a_call_by_the_clock_or_a_deploy_succeeds(self, answers):
        assert {"relay/wake", "upkeep/hourly", "partitions/daily", "migrations/plan"} <= answers.keys()
        assert {answers[f"migrations/{name}"]["Status"] for name in ("create", "update", "delete")} == {"SUCCESS"}


class TestMoney:
    """What a founder plays through: nobody has to know of test clocks."""

    @pytest.fixture
    def founder(self, cloud):
        headers = {"Authorization": f"Bearer {cloud.issuer.token_for('frida@initech.test')}"}
        with httpx.Client(base_url=cloud.url, headers=headers, timeout=30, trust_env=False) as founder:
            founder.post("/v1/tenants", json={"name": "Initech"}).raise_for_status()
            yield founder

    @pytest.fixture
    def double(self, cloud):
        with httpx.Client(base_url=cloud.stripe.url, timeout=60, trust_env=False) as double:
            yield double

    def test_passes_as_fast_as_one_likes(self, cloud, founder, double):
        def shown():
            return founder.get("/v1/billing").json()

        def advance(by):
            return run(double, parse(["advance", customer_of(tenant, cloud.database.conninfo_of(SUPERUSER)), by]))

        tenant = founder.get("/v1/tenants").json()["items"][0]["id"]
        card = {"number": "4242424242424242", "expiry": "12 / 34", "cvc": "123", "name": "Frida"}
        page = founder.post("/v1/billing/checkout", json={"plan": "pro", "interval": "month"}).json()["url"]
        assert double.post(page, data=card).status_code == httpx.codes.SEE_OTHER
        until(lambda: shown()["status"] == "trialing")
        advance("15d")
        until(lambda: shown()["status"] == "active")
        until(lambda: [each["status"] for each in founder.get("/v1/billing/invoices").json()["items"]][:1] == ["paid"])
        assert founder.post("/v1/billing/preview", json={"plan": "scale"}).status_code == httpx.codes.OK
        portal = founder.post("/v1/billing/portal", json={}).json()["url"]
        double.post(f"{portal}/card", data={**card, "number": "4000000000000341"})
        advance("31d")
        until(lambda: shown()["status"] == "past_due")
        advance("8d")
        until(lambda: shown()["access"] == "restricted")
        assert double.post(shown()["problem"]["link"], data=card).status_code == httpx.codes.SEE_OTHER
        until(lambda: (shown()["access"], shown()["status"]) == ("full", "active"))
