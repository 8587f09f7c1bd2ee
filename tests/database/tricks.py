"""What a hostile migration would try so that the schema gate does not see it: its SQL, and the rule that does."""

from tests.database.planted import GOOD, NOBODYS, PLANTED, TENANT

DEFINER = "language sql security definer"
EVIL = f"tenant_id = {TENANT}"
HOSTILE = {
    "a policy that means the same and is another": (
        GOOD
        + f"drop policy tenant on app.gate_trial; create policy tenant on app.gate_trial as restrictive using ({EVIL})",
        "tenant_policy",
    ),
    "a policy for some roles": (
        GOOD
        + f"drop policy tenant on app.gate_trial; create policy tenant on app.gate_trial as restrictive to freehold_api"
        f" using ({EVIL}) with check ({EVIL})",
        "tenant_policy",
    ),
    "a policy for reading": (
        GOOD + f"drop policy tenant on app.gate_trial; create policy tenant on app.gate_trial as restrictive for select"
        f" using ({EVIL})",
        "tenant_policy",
    ),
    "a permissive one of its name": (
        GOOD + "drop policy tenant on app.gate_trial;"
        f" create policy tenant on app.gate_trial using ({EVIL}) with check ({EVIL})",
        "tenant_policy",
    ),
    "a quiet setting": (
        GOOD + "alter policy tenant on app.gate_trial using (tenant_id = current_setting('app.tenant_id', true)::uuid)",
        "tenant_policy",
    ),
    "an operator of the same name": (
        GOOD
        + f"""
            create function app.gate_yes(uuid, uuid) returns boolean language sql stable return true;
            create operator app.= (leftarg = uuid, rightarg = uuid, function = app.gate_yes);
            alter policy tenant on app.gate_trial using (tenant_id operator(app.=) {TENANT})
                with check (tenant_id operator(app.=) {TENANT});
        """,
        "tenant_policy",
    ),
    "a domain over uuid": (
        """
            create domain app.gate_tenant_ref as uuid;
            create table app.gate_trial (tenant_id app.gate_tenant_ref not null references app.tenants, id uuid,
                primary key (tenant_id, id));
            call app.tenant_table('app.gate_trial');
        """,
        "tenant_is_uuid",
    ),
    "a tenant in capitals on a table of nobody's": (
        NOBODYS + 'alter table app.gate_colours add column "Tenant_ID" uuid',
        "global_without_tenant",
    ),
    "a comment without a reason": (
        "create table app.gate_trial (id uuid); comment on table app.gate_trial is 'global: '",
        "row_security",
    ),
    "a key that is nobody's table's": (
        "create table app.gate_trial (id uuid primary key); call app.tenant_table('app.gate_trial', key => 'id')",
        "says_whose_rows",
    ),
    "a foreign key to tenants by another column": (
        GOOD + "alter table app.gate_trial add foreign key (other_id) references app.tenants not valid",
        "foreign_keys_carry_the_tenant",
    ),
    "a foreign key that is crossed": (
        GOOD + "alter table app.gate_trial"
        " add foreign key (other_id, id) references app.gate_trial (tenant_id, id) not valid",
        "foreign_keys_carry_the_tenant",
    ),
    "a foreign key that nobody enforces": (
        GOOD + "alter table app.gate_trial alter constraint gate_trial_tenant_id_fkey not enforced",
        "tenant_exists",
    ),
    "a not null that nobody checked": (
        """
            create table app.gate_trial (tenant_id uuid);
            alter table app.gate_trial add constraint n not null tenant_id not valid;
        """,
        "tenant_is_required",
    ),
    "a unique index over an expression": (
        GOOD + "create unique index on app.gate_trial ((tenant_id::text || code))",
        "keys_begin_with_the_tenant",
    ),
    "an exclusion by another operator": (
        GOOD + "alter table app.gate_trial add exclude using btree (code with =)",
        "keys_begin_with_the_tenant",
    ),
    "a partial index for a foreign key": (
        GOOD
        + """
            alter table app.gate_trial add foreign key (tenant_id, other_id) references app.gate_trial not valid;
            create index on app.gate_trial (tenant_id, other_id) where code = 'x';
        """,
        "foreign_keys_are_indexed",
    ),
    "set null in an update": (
        GOOD
        + """
            alter table app.gate_trial
                add foreign key (tenant_id, other_id) references app.gate_trial on update set null not valid;
        """,
        "nulled_tenant",
    ),
    "a trigger for some rows": (
        GOOD + "drop trigger audit on app.gate_trial;"
        " create trigger audit after insert or update or delete on app.gate_trial"
        " for each row when (pg_trigger_depth() > 9) execute function app.audit_row()",
        "audited",
    ),
    "a trigger function of the same name": (
        GOOD
        + """
            create schema gate_schema;
            create function gate_schema.audit_row() returns trigger language plpgsql as 'begin return null; end';
            drop trigger audit on app.gate_trial;
            create trigger audit after insert or update or delete on app.gate_trial for each row
                execute function gate_schema.audit_row();
        """,
        "audited",
    ),
    "a secret whose name is part of a masked one": (
        """
            create table app.gate_trial (tenant_id uuid not null references app.tenants, id uuid,
                token text, token_hash text,
                primary key (tenant_id, id));
            comment on column app.gate_trial.token_hash is 'secret';
            call app.tenant_table('app.gate_trial');
            comment on column app.gate_trial.token is 'secret';
        """,
        "secrets_are_masked",
    ),
    "an overloaded entrance": (
        f"create function app.enter(text) returns void {DEFINER} set search_path = pg_catalog, pg_temp as ''",
        "definers_are_reviewed",
    ),
    "an entrance in capitals": (
        f"create function app.\"ENTER\"() returns void {DEFINER} set search_path = pg_catalog, pg_temp as ''",
        "definers_are_reviewed",
    ),
    "a definer procedure of public's": (
        "create procedure public.p() language sql security definer as ''",
        "definers_are_reviewed",
    ),
    "temporary tables before the catalog": (
        f"create function app.gate_f() returns void {DEFINER} set search_path = pg_temp, pg_catalog as ''",
        "definers_search_path",
    ),
    "a function that fixes the tenant": (
        "reset role; create function app.gate_f() returns void language sql set \"app.tenant_id\" = 'x' as ''",
        "settings",
    ),
    "row security off for a role in this database": (
        "reset role; alter role freehold_api in database freehold set row_security = off",
        "settings",
    ),
    "a tenant for the whole database": (
        "reset role; alter database freehold set app.tenant_id = 'x'",
        "settings",
    ),
    "an immutable function behind another": (
        """
            create function app.gate_tenant() returns text language sql stable return current_setting('app.tenant_id');
            create function app.gate_quick() returns text language sql immutable as $$select APP."gate_tenant"()$$;
        """,
        "immutable_functions",
    ),
    "an immutable function that executes text": (
        """
            create function app.gate_quick() returns text language plpgsql immutable as
                $$declare r text; begin execute 'select current_' || 'setting(''app.x'')' into r; return r; end$$;
        """,
        "immutable_functions",
    ),
    "an immutable function with a parsed body": (
        "create function app.gate_quick() returns text language sql immutable return current_setting('app.tenant_id')",
        "immutable_functions",
    ),
    "an immutable name for a stable one": (
        """
            reset role;
            create function app.gate_quick(text) returns text language internal immutable as 'show_config_by_name';
        """,
        "immutable_functions",
    ),
    "a volatile function of PostgreSQL's in a policy": (
        GOOD + "create policy narrow on app.gate_trial as restrictive using (random() < 2)",
        "policies_are_stable",
    ),
    "a sub-select within a case": (
        GOOD + "create policy narrow on app.gate_trial as restrictive"
        " using (case when exists (select from app.tenants) then true else false end)",
        "policies_without_subselect",
    ),
    "a view that says security_invoker = off": (
        "create view app.gate_names with (security_invoker = off) as select name from app.projects",
        "views_are_the_callers",
    ),
    "a column for references": (GOOD + "grant references (id) on app.gate_trial to freehold_api", "table_privileges"),
    "maintain by all": (GOOD + "grant all on app.gate_trial to freehold_worker", "table_privileges"),
    "an update by a table's grant": (GOOD + "grant update on app.gate_trial to freehold_system", "rows_stay"),
    "a role of the adopter's": (
        "reset role; create role metabase login bypassrls; grant select on app.projects to metabase",
        "roles_have_no_powers",
    ),
    "a person who becomes a request role": (
        "reset role; create role alice login superuser; grant freehold_api to alice",
        "roles_have_no_powers",
    ),
    "a way by two roles": (
        """
            reset role; create role helper; grant freehold_owner to helper; grant helper to freehold_worker;
        """,
        "no_way_to_an_owner",
    ),
    "a way to all data": ("reset role; grant pg_read_all_data to freehold_report", "no_way_to_an_owner"),
    "a migrator who reads all data": (
        "reset role; grant pg_read_all_data to freehold_migrator",
        "no_way_to_an_owner",
    ),
    "a temporary table in the catalog's place": (
        GOOD + "drop policy tenant on app.gate_trial;"
        " create temporary table pg_class (oid oid, relnamespace oid, relkind text)",
        "tenant_policy",
    ),
    "a function for an extension of its own": (
        """
            reset role;
            update pg_extension set extowner = 'freehold_owner'::regrole;
            set local role freehold_owner;
            create function app.gate_f() returns void language sql as '';
            grant execute on function app.gate_f to public;
            alter extension plpgsql add function app.gate_f();
        """,
        "functions_are_closed",
    ),
    "a migrator that inherits": (
        "reset role; grant freehold_owner to freehold_migrator with inherit true",
        "owners_members",
    ),
    "temporary tables for everybody": ("grant temporary on database freehold to public", "no_creating"),
    "a schema for everybody": ("grant usage on schema app to public", "nothing_for_everybody"),
    "a sequence that is read": (
        "create sequence app.gate_numbers; grant select on app.gate_numbers to freehold_api",
        "sequences",
    ),
    "a sequence behind a default": (
        GOOD
        + "create sequence app.gate_n; alter table app.gate_trial add column n bigint default nextval('app.gate_n')",
        "sequences",
    ),
    "all foreign keys switched off": (
        GOOD + "reset role; alter table app.gate_trial disable trigger all",
        "triggers_are_enabled",
    ),
    "an event trigger of another's": (
        """
            reset role; create role other superuser; set local role other;
            create function public.watch() returns event_trigger language plpgsql as 'begin end';
            create event trigger "Watch" on ddl_command_end execute function public.watch();
        """,
        "no_event_triggers",
    ),
    "a role that is called like RDS's": (
        """
            reset role; create role rds_reports login bypassrls;
            grant select on all tables in schema app to rds_reports;
        """,
        "roles_have_no_powers",
    ),
    "a grant to a role that is called like RDS's": (
        GOOD + "reset role; create role rdsreports; grant truncate on app.gate_trial to rdsreports",
        "table_privileges",
    ),
    "a way to a role of RDS's": (
        "reset role; create role rds_superuser; grant rds_superuser to freehold_report",
        "no_way_to_an_owner",
    ),
    "a new helper of a function with its owner's rights": (
        """
            reset role;
            create function app.gate_look(text) returns void language sql as '';
            create or replace function app.audit_row() returns trigger language plpgsql security definer
                set search_path = pg_catalog, pg_temp as $$begin perform "app" . gate_look('x'); return null; end$$;
        """,
        "definers_call_reviewed",
    ),
    "an operator of one's own in another policy": (
        GOOD
        + """
            create function app.gate_same(text, text) returns boolean language plpgsql stable as
                'begin return true; end';
            create operator app.=== (leftarg = text, rightarg = text, function = app.gate_same);
            create policy narrow on app.gate_trial as restrictive using (code operator(app.===) 'x');
        """,
        "policies_without_functions",
    ),
    "a domain whose check looks": (
        GOOD
        + """
            create function app.gate_peek(text) returns boolean language plpgsql stable as 'begin return true; end';
            create domain app.gate_word as text check (app.gate_peek(value));
            create policy narrow on app.gate_trial as restrictive using (code::app.gate_word = 'x');
        """,
        "policies_without_functions",
    ),
    "a default that moves the unit of work": (
        GOOD + "alter table app.gate_trial alter column code set default set_config('app.tenant_id', 'x', true)",
        "entrances_set_the_tenant",
    ),
    "a check that moves it": (
        GOOD + "alter table app.gate_trial add check (set_config('app.tenant_id', code, true) <> '') not valid",
        "entrances_set_the_tenant",
    ),
    "a trigger's condition that moves it": (
        GOOD
        + """
            create function app.gate_nothing() returns trigger language plpgsql as 'begin return null; end';
            create trigger nothing after insert on app.gate_trial for each row
                when (set_config('app.tenant_id', new.code, true) <> '') execute function app.gate_nothing();
        """,
        "entrances_set_the_tenant",
    ),
    "a view that moves it": (
        "create view app.gate_moves with (security_invoker) as select set_config('app.tenant_id', 'x', true) as tenant",
        "entrances_set_the_tenant",
    ),
    "a procedure that moves it": (
        """
            create procedure app.gate_move(tenant text) language plpgsql as
                'begin set local "app.tenant_id" = ''x''; end';
            grant execute on procedure app.gate_move to freehold_worker;
        """,
        "entrances_set_the_tenant",
    ),
    "another path for a role": ("reset role; alter role freehold_api set search_path = app, pg_catalog", "settings"),
    "another path for the database": (
        "reset role; alter database freehold set search_path = app, pg_catalog",
        "settings",
    ),
    "row security off in a function": (
        "create function app.gate_f() returns void language sql set row_security = off as ''",
        "settings",
    ),
    "privileges to come for somebody who has none yet": (
        """
            reset role; create role metabase;
            alter default privileges for role freehold_owner grant select on tables to metabase;
        """,
        "default_privileges",
    ),
    "a parameter for somebody who has nothing else": (
        "reset role; create role metabase; grant set on parameter session_replication_role to metabase",
        "no_parameters",
    ),
    "privileges to come from another role": (
        "reset role; alter default privileges for role freehold_registrar grant select on tables to freehold_api",
        "default_privileges",
    ),
    "a table of the registrar's": ("reset role; alter table app.projects owner to freehold_registrar", "owner"),
    "a trigger that updates what is nobody's": (
        GOOD
        + NOBODYS
        + """
            create function app.gate_keep() returns trigger language plpgsql as
                'begin update only app.gate_colours set tenant = old.other_id; return old; end';
            create trigger keep before delete on app.gate_trial for each row execute function app.gate_keep();
        """,
        "triggers_copy_nothing",
    ),
    "a trigger before what a foreign key sets to null": (
        GOOD
        + """
            create function app.gate_keep() returns trigger language plpgsql as 'begin return new; end';
            create trigger keep before update on app.gate_trial for each row execute function app.gate_keep();
            alter table app.gate_trial add foreign key (tenant_id, other_id) references app.gate_trial
                on delete set null (other_id) not valid;
        """,
        "triggers_before_cascades",
    ),
    "a setting whose length is a variable": (
        """
            create function app.gate_move(x text, here boolean) returns text language sql as
                $$select set_config('a.b', concat('true)', x), true) || set_config('lock_timeout', x, here)$$;
        """,
        "nothing_outlives_the_transaction",
    ),
    "a cursor that is held": (
        """
            create procedure app.gate_keep() language plpgsql as
                $$begin execute 'declare kept cursor with hold for select 1'; end$$;
        """,
        "nothing_outlives_the_transaction",
    ),
    "a word to other sessions": (
        "create procedure app.gate_look() language plpgsql as $$begin notify others, 'a row'; end$$",
        "nothing_outlives_the_transaction",
    ),
    "a word to other sessions by a function": (
        "create function app.gate_look(text) returns void language sql as $$select pg_notify ('others', $1)$$",
        "nothing_outlives_the_transaction",
    ),
    "a lock of the session": (
        "create procedure app.gate_keep() language sql as $$select pg_try_advisory_lock(1)$$",
        "nothing_outlives_the_transaction",
    ),
    "bytes beside the tables": (
        "create function app.gate_keep(bytea) returns oid language sql as $$select lo_from_bytea(0, $1)$$",
        "nothing_outlives_the_transaction",
    ),
    "a role for the session": (
        "create procedure app.gate_move() language plpgsql as $$begin set role freehold_owner; end$$",
        "nothing_outlives_the_transaction",
    ),
    "a role in a text": (
        "create procedure app.gate_move() language plpgsql as $$begin execute 'set session role x'; end$$",
        "nothing_outlives_the_transaction",
    ),
    "a domain over oid": (
        GOOD + "create domain app.gate_picture as oid; alter table app.gate_trial add column p app.gate_picture",
        "no_oids",
    ),
    "a function of PostgreSQL's for requests": (
        "reset role; grant execute on function pg_read_binary_file(text) to freehold_api",
        "catalog_is_closed",
    ),
    "a column of PostgreSQL's for everybody": (
        "reset role; grant select (rolpassword) on pg_authid to public",
        "catalog_is_closed",
    ),
    "a table among PostgreSQL's": (
        "reset role; set local allow_system_table_mods = on; create table information_schema.gate_trial (a text)",
        "nothing_in_the_catalog",
    ),
    "customers among what is nobody's": (
        NOBODYS + 'alter table app.gate_colours add "Customer" text; grant select ("Customer") on app.gate_colours'
        " to freehold_api",
        "global_tells_of_nobody",
    ),
    "an immutable function that reads by its path": (
        """
            create function app.gate_quick() returns text language sql immutable set search_path = app
                as $$select name from tenants$$;
        """,
        "immutable_functions",
    ),
    "an immutable function that calls by its path": (
        """
            create function app.gate_tenant() returns text language sql stable return current_setting('app.tenant_id');
            create function app.gate_quick() returns text language plpgsql immutable set search_path = app
                as $$begin return gate_tenant (); end$$;
        """,
        "immutable_functions",
    ),
    "an immutable function with a space before the dot": (
        "create function app.gate_quick() returns text language sql immutable as $$select name from app . tenants$$",
        "immutable_functions",
    ),
    "an immutable function behind what looks like a comment": (
        """
            create function app.gate_quick() returns text language sql immutable as
                $$select '--' || current_setting('app.tenant_id')$$;
        """,
        "immutable_functions",
    ),
    "a child of a tenant's table and of nobody's": (
        "create table app.gate_trial (id uuid, tenant uuid);"
        + NOBODYS
        + "create table app.gate_children () inherits (app.gate_trial, app.gate_colours)",
        "tenant_policy",
    ),
    "a grant to a role that has no policy there": (
        GOOD + "grant delete on app.gate_trial to freehold_worker",
        "privileges_show_rows",
    ),
}
HARMLESS = {
    "a trigger before an update that no foreign key makes": (
        GOOD
        + """
            create function app.gate_keep() returns trigger language plpgsql as 'begin return new; end';
            create trigger keep before update on app.gate_trial for each row execute function app.gate_keep();
            alter table app.gate_trial add foreign key (tenant_id, other_id) references app.gate_trial
                on delete cascade not valid;
        """,
        "triggers_before_cascades",
    ),
    "a trigger after a delete": (
        GOOD
        + """
            create function app.gate_keep() returns trigger language plpgsql as 'begin return null; end';
            create trigger keep after delete on app.gate_trial for each row execute function app.gate_keep();
            alter table app.gate_trial add foreign key (tenant_id, other_id) references app.gate_trial
                on delete cascade not valid;
        """,
        "triggers_before_cascades",
    ),
    "a setting for the transaction, its lock, and a column that is called like a command": (
        """
            create procedure app.gate_move(x text) language plpgsql as $$begin
                perform set_config('a.b', x, true), pg_try_advisory_xact_lock(1);
                set local lock_timeout = '1s';
                update app.members set role = x, notify = true where id = uuidv7();
            end$$;
        """,
        "nothing_outlives_the_transaction",
    ),
    "a restrictive policy that comes later": (
        GOOD + "create policy tenant_too on app.gate_trial as restrictive using (1 / length(code) > 0)",
        "policies_come_after",
    ),
    "words among what is nobody's": (
        NOBODYS + "alter table app.gate_colours add name text; grant select (name) on app.gate_colours to freehold_api",
        "global_tells_of_nobody",
    ),
    "an immutable function whose name begins like a table's": (
        NOBODYS
        + """
            create function app.gate_colours_are_upper(text) returns boolean language sql immutable return true;
            create function app.gate_quick(text) returns boolean language sql immutable as
                $$select app.gate_colours_are_upper($1)$$;
        """,
        "immutable_functions",
    ),
    "an immutable function whose comment says execute": (
        """
            create function app.gate_quick(text) returns text language sql immutable as $$
                -- whoever may execute this sees no table /* app.tenants */
                select upper($1) /* execute */$$;
        """,
        "immutable_functions",
    ),
    "an aggregate": (
        "create aggregate app.gate_quick(text) (sfunc = textcat, stype = text)",
        "immutable_functions",
    ),
    "a part of a part of what is not audited": (
        """
            create table app.gate_audit partition of app.audit
                for values from ('03000000-0000-7000-8000-000000000000') to ('03100000-0000-7000-8000-000000000000')
                partition by range (id);
            create table app.gate_audit_01 partition of app.gate_audit default;
        """,
        "audited",
    ),
    "an index for a foreign key whose column needs quotes": (
        GOOD
        + """
            alter table app.gate_trial add "projectId" uuid;
            alter table app.gate_trial add foreign key (tenant_id, "projectId") references app.gate_trial not valid;
            create index on app.gate_trial (tenant_id, "projectId") where "projectId" is not null;
        """,
        "foreign_keys_are_indexed",
    ),
    "a foreign key that has to go": (PLANTED["foreign_keys_carry_the_tenant"], "foreign_keys_are_indexed"),
}
"""What looks like a trick and is none: its SQL, and the rule that says nothing."""
