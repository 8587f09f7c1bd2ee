"""What statements are called: few names, whatever the values and however long the SQL."""

import re

import pytest

from freehold.database.summaries import of_each, of_unit, summary
from local.companies import Company
from tests.observability.conftest import Log, Set

NAME = re.compile(r"[a-z]+( [a-z_]+\.[a-z_0-9]+){0,3}( [a-z]+ [a-z_]+\.[a-z_0-9]+){0,2}")
ENTER = "select app.enter_key(%(tenant_id)s, %(epoch)s)"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select id, name from app.projects where tenant_id = %(tenant_id)s", "select app.projects"),
        ("SELECT 1", "select"),
        ("insert into app.projects (name) values ('delete from app.members') returning id", "insert app.projects"),
        ("with changed as (update app.jobs set x = 1 returning id) select * from changed", "update app.jobs"),
        ("with gone as (delete from app.a) insert into app.b select * from gone", "delete app.a insert app.b"),
        ("select app.wake(%(batch)s)", "select app.wake"),
        ("select due from app.wake_jobs(%(batch)s)", "select app.wake_jobs"),
        ("select d.id from app.a d left join app.b e on e.id is distinct from d.id", "select app.a app.b"),
        ("select 1 from app.a for update of a -- from app.comments", "select app.a"),
        ("insert into app.a values (1) on conflict do update set x = 1", "insert app.a"),
        ("select extract(epoch from due.at) from app.jobs", "select app.jobs"),
        ("begin read only", "begin"),
    ],
)
def test_says_what_it_does_to_what(sql: str, said: str):
    assert summary(sql) == said


def test_of_a_unit_is_its_first_statement_behind_the_entrance():
    lease = ["begin", "select app.lease(%(a)s)", "commit"]
    assert of_unit([*lease, "begin", ENTER, "insert into app.projects values (1)", "commit"]) == "insert app.projects"
    assert of_unit(["begin", ENTER, "commit"]) == "select app.enter_key"
    assert of_each(["begin", ENTER, "select app.a(1)", "commit"]) == ["select app.enter_key", "select app.a"]


def test_those_of_requests_are_few_and_hold_no_value(acme: Company, log: Log, told: Set):
    told(traces=1)
    acme.key("projects:read")
    for name in ("a", "b"):
        path = f"/v1/projects/{acme.project(name)['id']}"
        acme.call("PATCH", path, body={"name": f"{name} {name}"}, headers={"If-Match": "*"})
        acme.call("GET", path)
        acme.call("DELETE", path)
    names = {step["step"] for line in log.of("request") for step in line.get("steps", ())}
    told_by_spans = {
        value["stringValue"]
        for span in log.spans
        for pair in span["attributes"]
        if pair["key"] == "freehold.db.statements"
        for value in pair["value"]["arrayValue"]["values"]
    }
    assert len(names) < 10
    assert [name for name in names | told_by_spans if not NAME.fullmatch(name)] == []
