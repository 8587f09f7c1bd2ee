"""What the attack sees of rows: each write that changes one, and nothing else."""

from local.companies import Company
from proof.http.rows import Rows, changed

RENAME = "update app.tenants set name = %(name)s where id = %(tenant_id)s"
ADD = "insert into app.groups (display_name) values (%(name)s)"
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


def test_a_row_that_is_written_as_it_was_has_not_changed(superuser: str, acme: Company, globex: Company):
    rewrite = "update directory.tenants set id = id where id = %(tenant_id)s"
    assert effect(superuser, acme, globex, (rewrite, {}), (ADD, {"name": "one"})) == [set(), {str(acme.id)}]
