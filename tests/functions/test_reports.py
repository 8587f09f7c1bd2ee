"""/v1/reports and what their jobs have written, through the handler."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from local.companies import Company
from local.gateway import call

WRITTEN = """
    insert into app.jobs (kind, job_class, state, input, attempts, finished_at, result)
    values (%(kind)s, 'bulk', %(state)s, '{}', 10, case when %(state)s in ('succeeded', 'failed') then %(at)s end,
            '{"key": "reports/t/j/activity-2026-01-01.csv", "bytes": 7, "rows": 1}')
    returning id
"""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Lambda gives them to a function."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")


def written(company: Company, kind: str = "reports.activity", state: str = "succeeded", days: int = 0) -> str:
    """The path to what a job has written."""
    [(job,)] = company.execute(WRITTEN, kind=kind, state=state, at=datetime.now(UTC) - timedelta(days=days))
    return f"/v1/jobs/{job}/result"


class TestAsk:
    def test_answers_with_a_job_that_waits(self, acme: Company):
        answer = acme.call("POST", "/v1/reports", body={"report": "activity"})
        assert answer.status == 202
        assert (answer.json["kind"], answer.json["job_class"]) == ("reports.activity", "bulk")
        assert (answer.json["state"], answer.json["result"]) == ("waiting", None)
        assert acme.call("GET", f"/v1/jobs/{answer.json['id']}").json["state"] == "waiting"

    def test_the_same_key_asks_once(self, acme: Company):
        asked = {"body": {"report": "projects"}, "headers": {"Idempotency-Key": "once"}}
        first, second = (acme.call("POST", "/v1/reports", **asked) for _ in range(2))
        assert (first.status, second.status) == (202, 202)
        assert first.json["id"] == second.json["id"]
        assert second.headers["idempotency-replayed"] == "true"

    @pytest.mark.parametrize(
        ("role", "report", "status"),
        [("admin", "activity", 202), ("member", "activity", 403), ("viewer", "projects", 202)],
    )
    def test_takes_the_permission_of_the_report(self, acme: Company, role: str, report: str, status: int):
        answer = acme.call_as(acme.member(role), "POST", "/v1/reports", body={"report": report})
        assert answer.status == status
        if status == 403:
            assert answer.json["permission"] == "activity:read"

    def test_of_what_there_is_not_is_refused_and_says_what_there_is(self, acme: Company):
        answer = acme.call("POST", "/v1/reports", body={"report": "nothing"})
        assert (answer.status, answer.code) == (422, "invalid_input")
        assert "activity, projects" in answer.json["detail"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"format": "xlsx"},
            {"from": "yesterday"},
            {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
            {"from": "2026-01-02T00:00:00"},
            {"since": "2026-01-02T00:00:00Z"},
        ],
    )
    def test_in_other_words_is_refused(self, acme: Company, wrong: dict[str, str]):
        answer = acme.call("POST", "/v1/reports", body={"report": "activity", **wrong})
        assert (answer.status, answer.code) == (422, "invalid_input")

    def test_more_than_the_backlog_takes_is_refused(self, acme: Company):
        acme.execute("insert into app.job_quotas (job_class, backlog) values ('bulk', 1)")
        assert acme.call("POST", "/v1/reports", body={"report": "projects"}).status == 202
        assert acme.call("POST", "/v1/reports", body={"report": "projects"}).status == 429


class TestResult:
    def test_is_an_address_for_five_minutes(self, acme: Company):
        answer = acme.call("GET", written(acme))
        assert answer.status == 200
        url = answer.json["url"]
        assert url.startswith("https://files.s3.eu-central-1.amazonaws.com/reports/t/j/activity-2026-01-01.csv?")
        assert "X-Amz-Expires=300&" in url
        assert (answer.json["filename"], answer.json["bytes"], answer.json["rows"]) == ("activity-2026-01-01.csv", 7, 1)
        left = datetime.fromisoformat(answer.json["expires_at"]) - datetime.now(UTC)
        assert timedelta(minutes=4) < left <= timedelta(minutes=5)

    @pytest.mark.parametrize("state", ["waiting", "failed"])
    def test_of_one_that_is_not_written_is_not_there_yet(self, acme: Company, state: str):
        answer = acme.call("GET", written(acme, state=state))
        assert (answer.status, answer.code) == (409, "report_not_ready")
        assert state in answer.json["detail"]

    def test_of_the_neighbour_is_as_absent_as_none(self, acme: Company, globex: Company):
        answers = [acme.call("GET", path) for path in (written(globex), f"/v1/jobs/{uuid4()}/result")]
        bodies = [{**answer.json, "request_id": None} for answer in answers]
        assert [answer.status for answer in answers] == [404, 404]
        assert bodies[0] == bodies[1]

    def test_of_a_job_that_writes_no_report_is_absent(self, acme: Company):
        assert acme.call("GET", written(acme, kind="tests.other")).status == 404

    def test_takes_the_permission_of_the_report(self, acme: Company):
        viewer = acme.member("viewer")
        assert acme.call_as(viewer, "GET", written(acme, kind="reports.projects")).status == 200
        answer = acme.call_as(viewer, "GET", written(acme))
        assert (answer.status, answer.json["permission"]) == (403, "activity:read")

    def test_a_key_needs_the_scope_of_the_report_too(self, acme: Company):
        path = written(acme)
        keys = [acme.key(*scopes)["secret"] for scopes in (["jobs:read"], ["jobs:read", "activity:read"])]
        assert [call("GET", path, token=key).status for key in keys] == [403, 200]

    def test_is_gone_after_a_week(self, acme: Company):
        answer = acme.call("GET", written(acme, days=8))
        assert (answer.status, answer.code) == (404, "not_found")
        assert "7 days" in answer.json["detail"]
