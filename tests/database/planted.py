"""How a migration would break each rule of the schema gate; nothing of it is kept."""

GOOD = """
    create table app.notes (tenant_id uuid not null references app.tenants, id uuid not null, other_id uuid, code text,
        primary key (tenant_id, id));
    call app.tenant_table('app.notes');
    call app.allow('app.notes', 'freehold_api', 'select', 'insert', 'update');
"""
NOBODYS = """
    create table app.colours (id uuid primary key, tenant uuid);
    comment on table app.colours is 'global: the same for all';
"""
PERSONAL = """
    create table directory.devices (issuer text not null, subject text not null, id uuid not null,
        tenant_id uuid not null references directory.tenants, primary key (issuer, subject, id));
    create index on directory.devices (tenant_id);
    call app.identity_table('directory.devices', 'what a person signs in from');
"""
TENANT = "current_setting('app.tenant_id')::uuid"
PLANTED = {
    "says_whose_rows": "create table app.notes (id uuid primary key)",
    "children": GOOD
    + """
        create table app.old_notes () inherits (app.notes);
        comment on table app.old_notes is 'global: they were archived';
    """,
    "global_without_tenant": NOBODYS + "alter table app.colours add column tenant_id uuid",
    "global_read_only": NOBODYS + "grant insert on app.colours to freehold_api",
    "global_refers_to_no_tenant": NOBODYS
    + """
        alter table app.colours add foreign key (tenant) references app.tenants not valid;
        grant select (id) on app.colours to freehold_api;
    """,
    "tenant_is_uuid": "create table app.notes (tenant_id text not null, id uuid, primary key (tenant_id, id))",
    "tenant_is_required": "create table app.notes (tenant_id uuid references app.tenants, id uuid)",
    "tenant_default": GOOD + "alter table app.notes alter column tenant_id set default gen_random_uuid()",
    "tenant_exists": GOOD + "alter table app.notes drop constraint notes_tenant_id_fkey",
    "sequences": GOOD + "alter table app.notes add column number integer generated always as identity",
    "audit_id": GOOD + "alter table app.notes drop column id, add column id bigint",
    "row_security": GOOD + "alter table app.notes no force row level security",
    "tenant_policy": GOOD + f"alter policy tenant on app.notes using (tenant_id = {TENANT}) with check (true)",
    "identity_policy": PERSONAL + "alter policy identity on directory.devices using (true)",
    "audited": GOOD + "drop trigger audit on app.notes",
    "secrets_are_masked": GOOD + "comment on column app.notes.code is 'secret'",
    "column_comments": GOOD + "comment on column app.notes.code is 'secrt'",
    "primary_key": GOOD + "alter table app.notes drop constraint notes_pkey",
    "keys_begin_with_the_tenant": GOOD + "alter table app.notes add unique (id)",
    "identity_keys": PERSONAL + "alter table directory.devices add unique (id)",
    "foreign_keys_carry_the_tenant": GOOD
    + """
        alter table app.notes add unique (id, tenant_id);
        alter table app.notes add foreign key (other_id, tenant_id) references app.notes (id, tenant_id) not valid;
    """,
    "foreign_keys_to_identities": PERSONAL
    + GOOD
    + """
        alter table app.notes add column issuer text, add column subject text,
            add foreign key (issuer, subject, other_id) references directory.devices not valid;
    """,
    "nulled_tenant": GOOD
    + "alter table app.notes add foreign key (tenant_id, other_id) references app.notes on delete set null not valid",
    "foreign_keys_are_indexed": GOOD
    + "alter table app.notes add foreign key (tenant_id, other_id) references app.notes on delete cascade not valid",
    "indexes_begin_with_the_tenant": GOOD + "create index notes_code on app.notes (lower(code), tenant_id)",
    "policies_are_bound": GOOD + "drop policy tenant on app.notes",
    "policies_name_roles": GOOD + "create policy anybody on app.notes using (true)",
    "policies_restrict": GOOD + "create policy safe on app.notes as restrictive using (1 = 1)",
    "policies_are_stable": GOOD
    + """
        create function app.tenant() returns uuid language sql immutable
            return '00000000-0000-0000-0000-000000000000'::uuid;
        create policy narrow on app.notes as restrictive using (tenant_id = app.tenant());
    """,
    "policies_without_cast": GOOD
    + "create policy narrow on app.notes as restrictive using (tenant_id::text = current_setting('app.tenant_id'))",
    "policies_without_subselect": GOOD
    + "create policy narrow on app.notes as restrictive using (tenant_id in (select id from app.tenants))",
    "triggers_are_enabled": GOOD + "alter table app.notes disable trigger audit",
    "constraints_are_enforced": GOOD + "alter table app.notes add constraint coded check (code <> '') not enforced",
    "constraints_are_validated": GOOD + "alter table app.notes add constraint coded check (code <> '') not valid",
    "indexes_are_valid": GOOD
    + """
        create index notes_code on app.notes (tenant_id, code);
        reset role;
        update pg_index set indisvalid = false where indexrelid = 'app.notes_code'::regclass;
    """,
    "views_are_the_callers": "create view app.names as select name from app.projects",
    "no_readable_copies": """
        create materialized view app.names as select name from app.projects with no data;
        grant select on app.names to freehold_api;
    """,
    "no_foreign_tables": """
        reset role;
        create foreign data wrapper nowhere; create server nowhere foreign data wrapper nowhere;
        create foreign table app.elsewhere (tenant_id uuid) server nowhere;
    """,
    "no_rules": GOOD + "create rule copied as on insert to app.notes do also delete from app.notes",
    "no_publications": "create publication everything for table app.projects",
    "no_large_objects": "select lo_create(4711)",
    "no_event_triggers": """
        reset role;
        create function app.watch() returns event_trigger language plpgsql as 'begin end';
        create event trigger watch on ddl_command_end execute function app.watch();
    """,
    "owner": "reset role; alter table app.projects owner to freehold_door",
    "definers_are_reviewed": "create function app.enter(tenant uuid) returns void language sql security definer as ''",
    "definers_search_path": """
        create function app.f() returns void language sql security definer set search_path = pg_catalog as '';
    """,
    "definers_owner": "create function app.f() returns void language sql security definer as ''; reset role",
    "functions_are_closed": """
        create function app.f() returns void language sql as ''; grant execute on function app.f to public;
    """,
    "immutable_functions": """
        create function app.tenant() returns text language sql immutable as $$select current_setting('app.tenant_id')$$;
    """,
    "no_leakproof_functions": """
        reset role; create function app.peek(text) returns boolean language sql leakproof return true;
    """,
    "table_privileges": GOOD + "grant truncate on app.notes to freehold_worker",
    "rows_stay": GOOD + "grant update (tenant_id) on app.notes to freehold_api",
    "nothing_for_everybody": GOOD + "grant select (code) on app.notes to public",
    "no_passing_on": GOOD + "grant select on app.notes to freehold_api with grant option",
    "no_creating": "grant create on schema app to freehold_worker",
    "no_parameters": "reset role; grant set on parameter session_replication_role to freehold_api",
    "default_privileges": "alter default privileges in schema app grant select on tables to freehold_api",
    "roles_have_no_powers": "reset role; alter role freehold_report bypassrls",
    "logins_own_nothing": """
        reset role;
        create schema mine authorization freehold_api;
    """,
    "no_way_to_an_owner": "reset role; grant freehold_owner to freehold_report with inherit false, set false",
    "owners_members": "reset role; create role intruder; grant freehold_owner to intruder",
    "settings": "reset role; alter role freehold_api set app.tenant_id = '00000000-0000-0000-0000-000000000000'",
}
"""For each rule, how a migration would break it."""
