"""As many projects as the plan allows, and not one more, whoever makes it; deleting one makes room."""

from uuid import uuid4

import psycopg
import pytest

from freehold.database.migrations.bootstrap import DATABASE
from local.companies import Company
from local.gateway import call
from local.postgres import Postgres
from tests.limits.conftest import Publish, count
from tests.wire import Wire

NEW = {"name": "One more"}


class TestTheLastOne:
    def test_is_made_and_the_next_is_refused_with_what_there_is(self, acme: Company, publish: Publish):
        publish(projects=2)
        assert [acme.call("POST", "/v1/projects", body=NEW).status for _ in range(2)] == [201, 201]
        refused = acme.call("POST", "/v1/projects", body=NEW)
        assert (refused.status, refused.code) == (402, "limit_reached")
        told = {name: refused.json[name] for name in ("limit", "most", "used", "rule")}
        assert told == {"limit": "projects", "most": 2, "used": 2, "rule": "fallback:free"}
        assert refused.json["lifts"] == ["pro"]
        assert count(acme, "projects") == 2

    def test_that_is_refused_leaves_nothing_behind(self, acme: Company, publish: Publish):
        publish(projects=0)
        key = {"Idempotency-Key": str(uuid4())}
        before = count(acme, "audit"), count(acme, "outbox")
        assert acme.call("POST", "/v1/projects", body=NEW, headers=key).code == "limit_reached"
        assert (count(acme, "audit"), count(acme, "outbox")) == before
        publish(projects=1)
        assert acme.call("POST", "/v1/projects", body=NEW, headers=key).status == 201, "the key was not used up"

    def test_of_several_in_one_statement_is_refused_with_all_of_them(self, acme: Company, publish: Publish):
        publish(projects=3)
        acme.project()
        several = (
            "insert into app.projects (name, created_by) select 'P', m.id from app.members m, generate_series(1, %(n)s)"
            " where m.tenant_id = %(tenant_id)s"
        )
        with pytest.raises(psycopg.Error, match="limit_reached") as refused:
            acme.execute(several, n=3)
        assert '"used": 1' in (refused.value.diag.message_detail or "")
        acme.execute(several, n=2)
        assert count(acme, "projects") == 3

    def test_by_an_api_key_is_refused_alike(self, acme: Company, publish: Publish):
        key = acme.key("projects:write")["secret"]
        publish(projects=0)
        assert call("POST", "/v1/projects", token=key, body=NEW).code == "limit_reached"


class TestRoom:
    def test_is_made_by_deleting_and_not_by_archiving(self, acme: Company, publish: Publish):
        publish(projects=1)
        made = acme.project()
        acme.execute("update app.projects set archived_at = now() where tenant_id = %(tenant_id)s")
        assert acme.call("POST", "/v1/projects", body=NEW).code == "limit_reached"
        deleted = acme.call("DELETE", f"/v1/projects/{made['id']}", headers={"If-Match": "*"})
        assert deleted.status == 204
        assert acme.call("POST", "/v1/projects", body=NEW).status == 201

    def test_is_not_needed_to_keep_and_change_what_there_is_after_a_downgrade(self, acme: Company, publish: Publish):
        publish()
        projects = [acme.project() for _ in range(3)]
        publish(projects=1)
        path = f"/v1/projects/{projects[0]['id']}"
        assert acme.call("PATCH", path, body={"name": "Renamed"}, headers={"If-Match": "*"}).status == 200
        assert acme.call("DELETE", path, headers={"If-Match": "*"}).status == 204
        acme.execute("insert into app.projects (name, created_by) select 'P', id from app.members where false")
        assert acme.call("POST", "/v1/projects", body=NEW).code == "limit_reached"
        assert count(acme, "projects") == 2

    def test_is_each_tenants_own(self, acme: Company, globex: Company, publish: Publish):
        publish(projects=1)
        assert [each.call("POST", "/v1/projects", body=NEW).status for each in (acme, globex, acme)] == [201, 201, 402]

    def test_is_without_end_where_a_limit_is_soft_or_there_is_none(self, acme: Company, publish: Publish):
        publish("projects", projects=0)
        assert acme.call("POST", "/v1/projects", body=NEW).status == 201
        publish()
        assert acme.call("POST", "/v1/projects", body=NEW).status == 201

    def test_is_given_by_what_is_agreed_and_ends_with_it(self, acme: Company, publish: Publish):
        publish(projects=0)
        acme.execute(
            "insert into app.overrides (source, limits, reason, agreed_by, until) values"
            " ('operator', '{\"projects\": 1}', 'As agreed by mail', 'ops', clock_timestamp() + interval '1 second')"
        )
        assert acme.call("POST", "/v1/projects", body=NEW).status == 201
        refused = acme.call("POST", "/v1/projects", body=NEW)
        assert (refused.json["most"], refused.json["rule"][:9], refused.json["lifts"]) == (1, "override:", [])
        acme.execute("delete from app.projects where tenant_id = %(tenant_id)s")
        acme.execute("select pg_sleep(1)")
        assert acme.call("POST", "/v1/projects", body=NEW).json["most"] == 0

    def test_takes_no_further_round_trip(self, acme: Company, publish: Publish, wire: Wire):
        publish(projects=9)
        acme.project()
        with wire.counting() as trips:
            acme.project()
        assert trips == [1]


class TestWhoeverReachesTheDatabase:
    """A request's own role, with SQL of its own."""

    def test_cannot_have_another_tenants_rows_counted(
        self, acme: Company, globex: Company, publish: Publish, server: Postgres
    ):
        publish(projects=0)
        enter = "select app.enter(%s, 1, %s, %s, now(), false, 'projects:write', true, 'r', '')"
        forged = (
            "with made as (insert into app.projects (name) values ('Mine') returning id)"
            " select set_config('app.tenant_id', %s, true) from made"
        )
        acme.execute(
            "insert into app.overrides (source, limits, reason, agreed_by)"
            " values ('operator', '{\"projects\": null}', 'As agreed by mail', 'ops')"
        )
        with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE)) as connection:
            for where, said in ((acme.id, "another_tenant"), (globex.id, "limit_reached")):
                connection.execute(enter, [globex.id, globex.people.issuer.url, globex.owner.subject])
                with pytest.raises(psycopg.Error, match=said):
                    connection.execute(forged, [str(where)])
                connection.rollback()

    @pytest.mark.parametrize(
        "sql",
        [
            "insert into app.limited_tables (key, target, condition) values ('x', 'app.members', 'true')",
            "update app.limited_tables set condition = 'false'",
            "update app.decision_versions set hard = '{}'",
            "update app.snapshot set catalog = '{}'",
            "create or replace view app.limited_rows as select null::text as key, null::uuid as tenant_id",
            "alter table app.projects disable trigger limited",
            "select app.limit_of('projects')",
            "select app.hard_limits()",
        ],
    )
    def test_cannot_change_what_is_counted_or_held(self, acme: Company, server: Postgres, sql: str):
        enter = "select app.enter(%s, 1, %s, %s, now(), false, 'projects:write', true, 'r', '')"
        with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE)) as connection:
            connection.execute(enter, [acme.id, acme.people.issuer.url, acme.owner.subject])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.encode())
