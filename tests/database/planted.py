"""How a migration would break each rule of the schema gate; nothing of it is kept."""

GOOD = """
    create table app.gate_trial (
        tenant_id uuid not null references app.tenants, id uuid not null, other_id uuid, code text,
        primary key (tenant_id, id));
    call app.tenant_table('app.gate_trial');
    call app.allow('app.gate_trial', 'freehold_api', 'select', 'insert', 'update');
"""
NOBODYS = """
    create table app.gate_colours (id uuid primary key, tenant uuid);
    comment on table app.gate_colours is 'global: the same for all';
"""
PERSONAL = """
    create table directory.gate_devices (issuer text not null, subject text not null, id uuid not null,
        tenant_id uuid not null references directory.tenants, primary key (issuer, subject, id));
    create index on directory.gate_devices (tenant_id);
    call app.identity_table('directory.gate_devices', 'what a person signs in from');
"""
MACHINES = GOOD.replace("'app.gate_trial');", "'app.gate_trial', unaudited => 'a machine writes it');")
CROSSED = MACHINES + "call app.cross('app.gate_trial', 'select', 'update (code)');"
RELAYS = """
    grant create on schema app to freehold_relay; set local role freehold_relay;
    create function app.gate_pass() returns void language {language} security definer
        set search_path = pg_catalog, pg_temp as $$ {body} $$;
    revoke execute on function app.gate_pass from public;
    set local role freehold_owner; revoke create on schema app from freehold_relay;
"""
PASSES = RELAYS.format(language="sql", body="")
"""A function of the relay's, which nobody may execute yet."""
TENANT = "current_setting('app.tenant_id')::uuid"
PLANTED = {
    "says_whose_rows": "create table app.gate_trial (id uuid primary key)",
    "children": GOOD
    + """
        create table app.gate_children () inherits (app.gate_trial);
        comment on table app.gate_children is 'global: they were archived';
    """,
    "global_without_tenant": NOBODYS + "alter table app.gate_colours add column tenant_id uuid",
    "global_read_only": NOBODYS + "grant insert on app.gate_colours to freehold_api",
    "global_refers_to_no_tenant": NOBODYS
    + """
        alter table app.gate_colours add foreign key (tenant) references app.tenants not valid;
        grant select (id) on app.gate_colours to freehold_api;
    """,
    "tenant_is_uuid": "create table app.gate_trial (tenant_id text not null, id uuid, primary key (tenant_id, id))",
    "tenant_is_required": "create table app.gate_trial (tenant_id uuid references app.tenants, id uuid)",
    "tenant_default": GOOD + "alter table app.gate_trial alter column tenant_id set default gen_random_uuid()",
    "tenant_exists": GOOD + "alter table app.gate_trial drop constraint gate_trial_tenant_id_fkey",
    "sequences": GOOD + "alter table app.gate_trial add column number integer generated always as identity",
    "audit_id": GOOD + "alter table app.gate_trial drop column id, add column id bigint",
    "row_security": GOOD + "alter table app.gate_trial no force row level security",
    "tenant_policy": GOOD + f"alter policy tenant on app.gate_trial using (tenant_id = {TENANT}) with check (true)",
    "identity_policy": PERSONAL + "alter policy identity on directory.gate_devices using (true)",
    "audited": GOOD + "drop trigger audit on app.gate_trial",
    "secrets_are_masked": GOOD + "comment on column app.gate_trial.code is 'secret'",
    "personal_is_masked": GOOD + "comment on column app.gate_trial.code is 'personal'",
    "column_comments": GOOD + "comment on column app.gate_trial.code is 'secrt'",
    "primary_key": GOOD + "alter table app.gate_trial drop constraint gate_trial_pkey",
    "keys_begin_with_the_tenant": GOOD + "alter table app.gate_trial add unique (id)",
    "identity_keys": PERSONAL + "alter table directory.gate_devices add unique (id)",
    "foreign_keys_carry_the_tenant": GOOD
    + """
        alter table app.gate_trial add unique (id, tenant_id);
        alter table app.gate_trial
            add foreign key (other_id, tenant_id) references app.gate_trial (id, tenant_id) not valid;
    """,
    "foreign_keys_to_identities": PERSONAL
    + GOOD
    + """
        alter table app.gate_trial add column issuer text, add column subject text,
            add foreign key (issuer, subject, other_id) references directory.gate_devices not valid;
    """,
    "nulled_tenant": GOOD + "alter table app.gate_trial"
    " add foreign key (tenant_id, other_id) references app.gate_trial on delete set null not valid",
    "foreign_keys_are_indexed": GOOD + "alter table app.gate_trial"
    " add foreign key (tenant_id, other_id) references app.gate_trial on delete cascade not valid",
    "indexes_begin_with_the_tenant": GOOD + "create index gate_trial_code on app.gate_trial (lower(code), tenant_id)",
    "policies_are_bound": GOOD + "drop policy tenant on app.gate_trial",
    "policies_name_roles": GOOD + "create policy anybody on app.gate_trial using (true)",
    "policies_restrict": GOOD + "create policy safe on app.gate_trial as restrictive using (1 = 1)",
    "policies_are_stable": GOOD
    + """
        create function app.gate_tenant() returns uuid language sql immutable
            return '00000000-0000-0000-0000-000000000000'::uuid;
        create policy narrow on app.gate_trial as restrictive using (tenant_id = app.gate_tenant());
    """,
    "policies_without_cast": GOOD + "create policy narrow on app.gate_trial as restrictive"
    " using (tenant_id::text = current_setting('app.tenant_id'))",
    "policies_without_subselect": GOOD
    + "create policy narrow on app.gate_trial as restrictive using (tenant_id in (select id from app.tenants))",
    "policies_without_functions": GOOD
    + """
        create function app.gate_peek(text) returns boolean language plpgsql stable cost 0.0001 as
            $$begin raise warning 'a row: %', $1; return true; end$$;
        create policy narrow on app.gate_trial as restrictive using (app.gate_peek(code));
    """,
    "triggers_are_enabled": GOOD + "alter table app.gate_trial disable trigger audit",
    "triggers_copy_nothing": GOOD
    + NOBODYS
    + """
        create function app.gate_keep() returns trigger language plpgsql as
            'begin INSERT  into "app".gate_colours (id) values (old.id); return old; end';
        create trigger keep before delete on app.gate_trial for each row execute function app.gate_keep();
    """,
    "constraints_are_enforced": GOOD
    + "alter table app.gate_trial add constraint coded check (code <> '') not enforced",
    "constraints_are_validated": GOOD + "alter table app.gate_trial add constraint coded check (code <> '') not valid",
    "indexes_are_valid": GOOD
    + """
        create index gate_trial_code on app.gate_trial (tenant_id, code);
        reset role;
        update pg_index set indisvalid = false where indexrelid = 'app.gate_trial_code'::regclass;
    """,
    "views_are_the_callers": "create view app.gate_names as select name from app.projects",
    "no_readable_copies": """
        create materialized view app.gate_names as select name from app.projects with no data;
        grant select on app.gate_names to freehold_api;
    """,
    "no_foreign_tables": """
        reset role;
        create foreign data wrapper nowhere; create server nowhere foreign data wrapper nowhere;
        create foreign table app.elsewhere (tenant_id uuid) server nowhere;
    """,
    "no_rules": GOOD + "create rule copied as on insert to app.gate_trial do also delete from app.gate_trial",
    "no_publications": "create publication everything for table app.projects",
    "no_large_objects": "select lo_create(4711)",
    "no_event_triggers": """
        reset role;
        create function app.gate_watch() returns event_trigger language plpgsql as 'begin end';
        create event trigger watch on ddl_command_end execute function app.gate_watch();
    """,
    "owner": "reset role; alter table app.projects owner to freehold_door",
    "definers_are_reviewed": "create function app.enter(tenant uuid) returns void language sql security definer as ''",
    "definers_call_reviewed": """
        reset role;
        create or replace function app.open(tenant uuid, request_id text, address text) returns boolean
            language sql as $$select set_config('app.tenant_id', tenant::text, true) is not null$$;
    """,
    "definers_search_path": """
        create function app.gate_f() returns void language sql security definer set search_path = pg_catalog as '';
    """,
    "definers_owner": "create function app.gate_f() returns void language sql security definer as ''; reset role",
    "functions_are_closed": """
        create function app.gate_f() returns void language sql as ''; grant execute on function app.gate_f to public;
    """,
    "entrances_set_the_tenant": GOOD
    + """
        create function app.gate_move() returns trigger language plpgsql as
            $$begin perform set_config ('app.tenant_id', new.other_id::text, true); return new; end$$;
        create trigger move after insert on app.gate_trial for each row execute function app.gate_move();
    """,
    "immutable_functions": """
        create function app.gate_tenant() returns text language sql immutable as
            $$select current_setting('app.tenant_id')$$;
    """,
    "no_leakproof_functions": """
        reset role; create function app.gate_peek(text) returns boolean language sql leakproof return true;
    """,
    "table_privileges": GOOD + "grant truncate on app.gate_trial to freehold_worker",
    "rows_stay": GOOD + "grant update (tenant_id) on app.gate_trial to freehold_api",
    "nothing_for_everybody": GOOD + "grant select (code) on app.gate_trial to public",
    "no_passing_on": GOOD + "grant select on app.gate_trial to freehold_api with grant option",
    "no_creating": "grant create on schema app to freehold_worker",
    "no_parameters": "reset role; grant set on parameter session_replication_role to freehold_api",
    "default_privileges": "alter default privileges in schema app grant select on tables to freehold_api",
    "roles_have_no_powers": "reset role; alter role freehold_report bypassrls",
    "logins_own_nothing": """
        reset role;
        create schema mine authorization freehold_api;
    """,
    "no_way_to_an_owner": "reset role; grant freehold_owner to freehold_report with inherit false, set false",
    "roles_stay_apart": "reset role; grant freehold_api to freehold_report with inherit false, set false",
    "owners_members": "reset role; create role intruder; grant freehold_owner to intruder",
    "settings": "reset role; alter role freehold_api set app.tenant_id = '00000000-0000-0000-0000-000000000000'",
    "triggers_before_cascades": GOOD
    + """
        create function app.gate_keep() returns trigger language plpgsql as 'begin return old; end';
        create trigger keep before delete on app.gate_trial for each row execute function app.gate_keep();
        alter table app.gate_trial add foreign key (tenant_id, other_id) references app.gate_trial
            on delete cascade not valid;
    """,
    "nothing_outlives_the_transaction": """
        create function app.gate_move(text) returns text language sql as
            $$select set_config('lock_timeout', $1, false)$$;
    """,
    "no_oids": GOOD + "alter table app.gate_trial add column picture oid",
    "policies_come_after": GOOD + "create policy aaa on app.gate_trial as restrictive using (1 / length(code) > 0)",
    "catalog_is_closed": "reset role; grant select on pg_catalog.pg_statistic to freehold_api",
    "nothing_in_the_catalog": """
        reset role; set local allow_system_table_mods = on;
        create function pg_catalog.gate_look(text) returns void language sql as '';
    """,
    "crossings_are_reviewed": CROSSED,
    "crossings_fire_no_triggers": CROSSED
    + """
        create function app.gate_keep() returns trigger language plpgsql as 'begin return null; end';
        create trigger keep after update on app.gate_trial for each row execute function app.gate_keep();
    """,
    "policies_know_no_roles": GOOD
    + f"alter policy tenant on app.gate_trial using (current_user = 'freehold_api' or tenant_id = {TENANT})",
    "relay_owns_definers": "reset role; alter table app.projects owner to freehold_relay",
    "relay_is_granted_little": CROSSED + "grant delete on app.gate_trial to freehold_relay",
    "relay_is_called_by_the_clock": PASSES + "reset role; grant execute on function app.gate_pass to freehold_worker",
    "relay_enters_no_tenant": RELAYS.format(language="sql", body="select from app.outbox"),
    "clock_has_nothing_else": GOOD + "call app.allow('app.gate_trial', 'freehold_system', 'select')",
    "owners_do_not_log_in": "reset role; alter role freehold_relay login",
    "global_tells_of_nobody": NOBODYS + "grant select on app.gate_colours to freehold_api",
    "privileges_show_rows": GOOD + "grant select, update (code) on app.gate_trial to freehold_report",
}
"""For each rule, how a migration would break it."""
