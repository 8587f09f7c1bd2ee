"""Every table with a tenant follows the whole template, and says what to add where it does not.

Each rule is a statement that returns offenders; each is shown a table that breaks it, or it could not fail.
"""

from collections.abc import Iterator

import psycopg
import pytest

from freehold import permissions
from freehold.database.catalog import Catalog, read_catalog
from freehold.permissions import Role
from local.reference import PERMISSIONS

TENANT_TABLES = """
    select c.oid, c.oid::regclass::text as name, p.polname,
           case when exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
                then 'tenant_id' else 'id' end as key
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      left join pg_policy p on p.polrelid = c.oid and p.polname = 'tenant'
     where n.nspname in ('app', 'directory') and c.relkind in ('r', 'p')
       and coalesce(obj_description(c.oid, 'pg_class'), '') !~ '^(global|identity): '
"""
RULES = {
    "row-level security is enabled and forced: call app.tenant_table(...)": f"""
        select t.name from ({TENANT_TABLES}) t join pg_class c on c.oid = t.oid
         where not (c.relrowsecurity and c.relforcerowsecurity)
    """,
    "a restrictive tenant policy for everybody, using = with check: call app.tenant_table(...)": f"""
        select t.name from ({TENANT_TABLES}) t left join pg_policy p on p.polrelid = t.oid and p.polname = 'tenant'
         where p is null or p.polpermissive or p.polroles <> '{{0}}' or p.polcmd <> '*'
            or pg_get_expr(p.polqual, t.oid) <> pg_get_expr(p.polwithcheck, t.oid)
            or pg_get_expr(p.polqual, t.oid) <>
               format('(%s = (current_setting(''app.tenant_id''::text))::uuid)', t.key)
    """,
    "the tenant is required: tenant_id uuid not null": f"""
        select t.name from ({TENANT_TABLES}) t
         where not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = t.key
                              and a.attnotnull and a.atttypid = 'uuid'::regtype)
    """,
    "the tenant exists: references app.tenants": f"""
        select t.name from ({TENANT_TABLES}) t
         where t.key = 'tenant_id' and not exists (
            select from pg_constraint k join pg_attribute a on a.attrelid = t.oid and a.attnum = k.conkey[1]
             where k.conrelid = t.oid and k.contype = 'f' and a.attname = 'tenant_id'
               and k.confrelid = 'app.tenants'::regclass)
    """,
    "primary and unique keys begin with the tenant": f"""
        select t.name || ' (' || k.conname || ')' from ({TENANT_TABLES}) t
          join pg_constraint k on k.conrelid = t.oid and k.contype in ('p', 'u')
          join pg_attribute a on a.attrelid = t.oid and a.attnum = k.conkey[1]
         where a.attname <> t.key
    """,
    "foreign keys to tenant tables carry the tenant: foreign key (tenant_id, ...)": f"""
        select t.name || ' (' || k.conname || ')' from ({TENANT_TABLES}) t
          join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
          join ({TENANT_TABLES}) f on f.oid = k.confrelid
          join pg_attribute a on a.attrelid = t.oid and a.attnum = k.conkey[1]
         where a.attname <> t.key
    """,
    "each foreign key has an index that begins like it": f"""
        select t.name || ' (' || k.conname || ')' from ({TENANT_TABLES}) t
          join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
         where coalesce(obj_description(k.confrelid, 'pg_class'), '') !~ '^global: '
           and not exists (select from pg_index i where i.indrelid = t.oid and i.indisvalid
                              and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] = k.conkey)
    """,
    "changes are audited, or the table says why not: call app.tenant_table(..., unaudited => 'why')": f"""
        select t.name from ({TENANT_TABLES}) t join pg_class c on c.oid = t.oid
         where not c.relispartition and coalesce(obj_description(t.oid, 'pg_class'), '') !~ '^unaudited: .'
           and not exists (select from pg_trigger g join pg_proc f on f.oid = g.tgfoid
                            where g.tgrelid = t.oid and f.proname = 'audit_row' and g.tgenabled = 'O')
    """,
    "secret columns are masked in the audit: comment on them before app.tenant_table(...)": f"""
        select t.name || '.' || a.attname from ({TENANT_TABLES}) t
          join pg_attribute a on a.attrelid = t.oid and col_description(t.oid, a.attnum) = 'secret'
          join pg_trigger g on g.tgrelid = t.oid and g.tgname = 'audit'
         where position(a.attname::bytea in g.tgargs) = 0
    """,
    "a column's comment is personal or secret, or there is none": f"""
        select t.name || '.' || a.attname from ({TENANT_TABLES}) t join pg_attribute a on a.attrelid = t.oid
         where col_description(t.oid, a.attnum) not in ('personal', 'secret')
    """,
    "no role may move a row to another tenant or give it another id: use app.allow(...)": f"""
        select t.name || ' (' || r.rolname || ')' from ({TENANT_TABLES}) t
          cross join pg_roles r join pg_attribute a on a.attrelid = t.oid and a.attname in ('tenant_id', 'id')
         where r.rolname like 'freehold%' and r.rolname not in ('freehold_owner', 'freehold_admin', 'freehold_migrator')
           and has_column_privilege(r.rolname, t.oid, a.attname, 'update')
    """,
    "no runtime role has more than select, insert, update and delete": f"""
        select t.name || ' (' || r.rolname || ')' from ({TENANT_TABLES}) t cross join pg_roles r
         where r.rolname like 'freehold%' and r.rolname not in ('freehold_owner', 'freehold_admin', 'freehold_migrator')
           and has_table_privilege(r.rolname, t.oid, 'truncate, references, trigger, maintain')
    """,
}
BAD_TABLE = """
    create table app.breaks_the_rules (tenant_id uuid, id uuid primary key, member_id uuid, secret text,
                          unique (id, tenant_id),
                          foreign key (member_id, tenant_id) references app.members (id, tenant_id));
    comment on column app.breaks_the_rules.secret is 'secrt';
    grant update, truncate on app.breaks_the_rules to freehold_api;
"""
BAD_SECRET = """
    create table app.breaks_the_rules (tenant_id uuid not null references app.tenants, id uuid, token text,
                          primary key (tenant_id, id));
    call app.tenant_table('app.breaks_the_rules');
    comment on column app.breaks_the_rules.token is 'secret';
"""


@pytest.fixture
def connection(superuser: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(superuser) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("rule", RULES)
class TestRule:
    def test_holds(self, connection: psycopg.Connection, rule: str):
        offenders = [name for (name,) in connection.execute(RULES[rule]).fetchall()]
        assert offenders == [], f"{', '.join(offenders)}: {rule}"

    def test_the_control_a_bad_table_is_caught(self, connection: psycopg.Connection, rule: str):
        connection.execute("alter table app.members add constraint swapped unique (id, tenant_id)")
        connection.execute(BAD_SECRET if rule.startswith("secret") else BAD_TABLE)
        offenders = str(connection.execute(RULES[rule]).fetchall())
        assert "app.breaks_the_rules" in offenders


class TestCatalog:
    def test_knows_every_tables_scope(self, catalog: Catalog):
        assert [table.name for table in catalog.tables if table.holder == "unknown"] == []

    def test_puts_what_others_refer_to_first(self, catalog: Catalog):
        places = {table.name: place for place, table in enumerate(catalog.tables)}
        assert all(places[other] < places[table.name] for table in catalog.tables for other in table.refers_to)

    def test_a_new_table_is_in_it_the_same_day(self, superuser: str, catalog: Catalog):
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("create table app.forgotten (id uuid)")
            try:
                found = {table.name: table.holder for table in read_catalog(superuser).tables}
            finally:
                connection.execute("drop table app.forgotten")
        assert found["app.forgotten"] == "unknown"


class TestRoles:
    def test_none_is_exempt_or_a_member_of_another(self, connection: psycopg.Connection):
        roles = connection.execute(
            "select rolname from pg_roles where rolname like 'freehold%' and (rolsuper or rolbypassrls)"
        ).fetchall()
        members = connection.execute(
            "select member::regrole::text, roleid::regrole::text from pg_auth_members"
            " where member::regrole::text like 'freehold%' and (inherit_option or set_option)"
        ).fetchall()
        assert roles == []
        assert {member for member, _ in members} == {"freehold_migrator"}

    def test_each_entrance_has_a_pinned_search_path_and_is_closed_to_the_public(self, connection: psycopg.Connection):
        functions = connection.execute(
            "select p.proname, p.prosecdef, p.proconfig::text, has_function_privilege('public', p.oid, 'execute'),"
            " p.proowner::regrole::text from pg_proc p"
            " where p.pronamespace in ('app'::regnamespace, 'directory'::regnamespace) and p.prokind = 'f'"
        ).fetchall()
        definers = {name: (config, owner) for name, definer, config, _, owner in functions if definer}
        assert definers.keys() == {"enter", "enter_key", "tenants_of", "sign_up", "audit_row"}
        assert {config for config, _ in definers.values()} == {'{"search_path=pg_catalog, pg_temp"}'}
        assert {owner for _, owner in definers.values()} == {"freehold_door", "freehold_registrar", "freehold_auditor"}
        assert [name for name, _, _, public, _ in functions if public] == []

    def test_request_roles_execute_their_own_entrances_only(self, connection: psycopg.Connection):
        allowed = connection.execute(
            "select r.rolname, p.proname from pg_roles r, pg_proc p where p.pronamespace = 'app'::regnamespace"
            " and p.prokind = 'f' and r.rolname in ('freehold_api', 'freehold_worker', 'freehold_report')"
            " and has_function_privilege(r.rolname, p.oid, 'execute')"
        ).fetchall()
        assert set(allowed) == {
            ("freehold_api", name) for name in ("enter", "enter_key", "tenants_of", "sign_up", "claim", "announce")
        }


class TestPermissions:
    def test_the_code_and_the_database_agree(self, connection: psycopg.Connection):
        rows = connection.execute("select name, description, needs from app.permissions").fetchall()
        roles = dict(connection.execute("select name, permissions from app.builtin_roles").fetchall())
        assert {(p.name, p.description, p.needs.value) for p in PERMISSIONS} == set(rows)
        assert set(roles) == {role.value for role in Role}
        for role in Role:
            assert sorted(roles[role]) == sorted(p.name for p in PERMISSIONS if role in p.held_by)

    def test_each_weaker_role_holds_no_more_than_the_stronger(self):
        for weaker, stronger in ((Role.VIEWER, Role.MEMBER), (Role.MEMBER, Role.ADMIN), (Role.ADMIN, Role.OWNER)):
            held = [{p.name for p in PERMISSIONS if role in p.held_by} for role in (weaker, stronger)]
            assert held[0] <= held[1]
        assert permissions.TENANT_READ in PERMISSIONS
