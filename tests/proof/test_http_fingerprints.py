"""What the attack sees of rows: each write that changes one, and nothing else."""

import psycopg

from local.companies import Company
from proof.http.rows import UNIT, Rows, changed

RENAME = "update app.tenants set name = %(name)s where id = %(tenant_id)s"
ADD = "insert into app.groups (display_name) values (%(name)s)"
REMOVE = "delete from app.groups where display_name = %(name)s"
CHANGE = "update app.groups set display_name = %(name)s where display_name = %(old)s"
EXCHANGE = "with gone as (delete from app.groups where display_name = %(old)s) " + ADD


def effect(superuser: str, acme: Company, globex: Company, *writes: tuple[str, dict[str, str]]) -> list[set[str]]:
    """Whose rows differ after each of these writes of Acme's."""
    acme_id, both, found = str(acme.id), [str(acme.id), str(globex.id)], []
    with Rows(superuser) as rows:
        before = rows.fingerprints(both)
        for sql, params in writes:
            rows.execute(acme_id, sql, **params)
            after = rows.fingerprints(both)
            found.append(changed(before, after) - {""})
            before = after
    return found


def test_each_change_is_seen_and_whose_it_is(superuser: str, acme: Company, globex: Company):
    writes = [(RENAME, {"name": "A"}), (ADD, {"name": "one"}), (EXCHANGE, {"old": "one", "name": "two"})]
    assert effect(superuser, acme, globex, *writes) == [{str(acme.id)}] * 3


def test_what_is_added_removed_and_changed_in_one_table_is_seen_each_time(superuser, acme: Company, globex: Company):
    writes = [
        *((ADD, {"name": name}) for name in ("one", "two", "three")),
        (REMOVE, {"name": "two"}),
        (ADD, {"name": "four"}),
        (CHANGE, {"old": "one", "name": "five"}),
        (EXCHANGE, {"old": "three", "name": "six"}),
    ]
    assert effect(superuser, acme, globex, *writes) == [{str(acme.id)}] * len(writes)


def test_step_by_step_is_seen_what_is_seen_at_once(superuser: str, acme: Company, globex: Company):
    both = [str(acme.id), str(globex.id)]
    with Rows(superuser) as rows, Rows(superuser) as others:
        rows.fingerprints(both)
        for sql, params in ((ADD, {"name": "one"}), (ADD, {"name": "two"}), (REMOVE, {"name": "one"})):
            others.execute(both[0], sql, **params)
            rows.fingerprints(both)
        with Rows(superuser) as fresh:
            assert rows.fingerprints(both) == fresh.fingerprints(both)


def test_what_was_under_way_at_a_look_is_counted_once(superuser: str, acme: Company, globex: Company):
    """Its number is from before the look, and so is that of what ended meanwhile."""
    both = [str(acme.id), str(globex.id)]
    with Rows(superuser) as rows, psycopg.connect(superuser) as slow, Rows(superuser) as quick:
        slow.execute("select pg_current_xact_id()")
        for name, value in {**UNIT, "tenant_id": both[1]}.items():
            slow.execute("select set_config(%s, %s, true)", [f"app.{name}", value])
        quick.execute(both[0], ADD, name="while another is under way")
        before = rows.fingerprints(both)
        slow.execute("insert into app.groups (display_name) values ('late')")
        slow.commit()
        after = rows.fingerprints(both)
        with Rows(superuser) as fresh:
            assert after == fresh.fingerprints(both)
        assert changed(before, after) - {""} == {both[1]}


def test_a_row_that_is_written_as_it_was_has_not_changed(superuser: str, acme: Company, globex: Company):
    rewrite = "update directory.tenants set id = id where id = %(tenant_id)s"
    assert effect(superuser, acme, globex, (rewrite, {}), (ADD, {"name": "one"})) == [set(), {str(acme.id)}]
