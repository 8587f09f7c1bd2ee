"""What a SCIM client that checks servers says of ours: each of its checks is one of these tests."""

from collections import Counter
from collections.abc import Iterator

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from local.companies import People
from tests.conformance.served import served

LEAST = 60
"""Checks that scim2-tester makes of a server with users and groups; fewer would mean that it gave up."""


@pytest.fixture(scope="module")
def checks(stage: None, issuer, superuser) -> Iterator[list]:
    company = People(issuer, superuser).company("Acme")
    token = company.call("POST", "/v1/scim-tokens", body={"name": "The tester", "default_role": "member"}).json[
        "secret"
    ]
    with (
        served() as url,
        httpx2.Client(base_url=f"{url}/scim/v2", headers={"Authorization": f"Bearer {token}"}) as http,
    ):
        yield check_server(SyncSCIMClient(http))


def test_every_check_succeeds(checks: list):
    wrong = [
        f"{each.title} {each.resource_type or ''}: {each.reason}"
        for each in checks
        if each.status not in (Status.SUCCESS, Status.SKIPPED)
    ]
    assert wrong == [], "\n".join(wrong)


def test_they_were_made(checks: list):
    made = Counter(each.status for each in checks)
    assert made[Status.SUCCESS] >= LEAST, made


def test_only_what_we_say_is_missing_is_skipped(checks: list):
    skipped = {each.title for each in checks if each.status == Status.SKIPPED}
    assert skipped <= {"search_with_attributes"}
