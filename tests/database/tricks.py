"""What a hostile migration would try so that the schema gate does not see it: its SQL, and the rule that does."""

from tests.database.planted import GOOD, NOBODYS, TENANT

DEFINER = "language sql security definer"
EVIL = f"tenant_id = {TENANT}"
HOSTILE = {
    "a policy that means the same and is another": (
        GOOD + f"drop policy tenant on app.notes; create policy tenant on app.notes as restrictive using ({EVIL})",
        "tenant_policy",
    ),
    "a policy for some roles": (
        GOOD + f"drop policy tenant on app.notes; create policy tenant on app.notes as restrictive to freehold_api"
        f" using ({EVIL}) with check ({EVIL})",
        "tenant_policy",
    ),
    "a policy for reading": (
        GOOD + f"drop policy tenant on app.notes; create policy tenant on app.notes as restrictive for select"
        f" using ({EVIL})",
        "tenant_policy",
    ),
    "a permissive one of its name": (
        GOOD + f"drop policy tenant on app.notes; create policy tenant on app.notes using ({EVIL}) with check ({EVIL})",
        "tenant_policy",
    ),
    "a quiet setting": (
        GOOD + "alter policy tenant on app.notes using (tenant_id = current_setting('app.tenant_id', true)::uuid)",
        "tenant_policy",
    ),
    "an operator of the same name": (
        GOOD
        + f"""
            create function app.yes(uuid, uuid) returns boolean language sql stable return true;
            create operator app.= (leftarg = uuid, rightarg = uuid, function = app.yes);
            alter policy tenant on app.notes using (tenant_id operator(app.=) {TENANT})
                with check (tenant_id operator(app.=) {TENANT});
        """,
        "tenant_policy",
    ),
    "a domain over uuid": (
        """
            create domain app.tenant_ref as uuid;
            create table app.notes (tenant_id app.tenant_ref not null references app.tenants, id uuid,
                primary key (tenant_id, id));
            call app.tenant_table('app.notes');
        """,
        "tenant_is_uuid",
    ),
    "a tenant in capitals on a table of nobody's": (
        NOBODYS + 'alter table app.colours add column "Tenant_ID" uuid',
        "global_without_tenant",
    ),
    "a comment without a reason": (
        "create table app.notes (id uuid); comment on table app.notes is 'global: '",
        "row_security",
    ),
    "a key that is nobody's table's": (
        "create table app.notes (id uuid primary key); call app.tenant_table('app.notes', key => 'id')",
        "says_whose_rows",
    ),
    "a foreign key to tenants by another column": (
        GOOD + "alter table app.notes add foreign key (other_id) references app.tenants not valid",
        "foreign_keys_carry_the_tenant",
    ),
    "a foreign key that is crossed": (
        GOOD + "alter table app.notes add foreign key (other_id, id) references app.notes (tenant_id, id) not valid",
        "foreign_keys_carry_the_tenant",
    ),
    "a foreign key that nobody enforces": (
        GOOD + "alter table app.notes alter constraint notes_tenant_id_fkey not enforced",
        "tenant_exists",
    ),
    "a not null that nobody checked": (
        "create table app.notes (tenant_id uuid); alter table app.notes add constraint n not null tenant_id not valid",
        "tenant_is_required",
    ),
    "a unique index over an expression": (
        GOOD + "create unique index on app.notes ((tenant_id::text || code))",
        "keys_begin_with_the_tenant",
    ),
    "an exclusion by another operator": (
        GOOD + "alter table app.notes add exclude using btree (code with =)",
        "keys_begin_with_the_tenant",
    ),
    "a partial index for a foreign key": (
        GOOD
        + """
            alter table app.notes add foreign key (tenant_id, other_id) references app.notes not valid;
            create index on app.notes (tenant_id, other_id) where code = 'x';
        """,
        "foreign_keys_are_indexed",
    ),
    "set null in an update": (
        GOOD
        + """
            alter table app.notes
                add foreign key (tenant_id, other_id) references app.notes on update set null not valid;
        """,
        "nulled_tenant",
    ),
    "a trigger for some rows": (
        GOOD + "drop trigger audit on app.notes; create trigger audit after insert or update or delete on app.notes"
        " for each row when (pg_trigger_depth() > 9) execute function app.audit_row()",
        "audited",
    ),
    "a trigger function of the same name": (
        GOOD
        + """
            create schema crm;
            create function crm.audit_row() returns trigger language plpgsql as 'begin return null; end';
            drop trigger audit on app.notes;
            create trigger audit after insert or update or delete on app.notes for each row
                execute function crm.audit_row();
        """,
        "audited",
    ),
    "a secret whose name is part of a masked one": (
        """
            create table app.notes (tenant_id uuid not null references app.tenants, id uuid,
                token text, token_hash text,
                primary key (tenant_id, id));
            comment on column app.notes.token_hash is 'secret';
            call app.tenant_table('app.notes');
            comment on column app.notes.token is 'secret';
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
        f"create function app.f() returns void {DEFINER} set search_path = pg_temp, pg_catalog as ''",
        "definers_search_path",
    ),
    "a function that fixes the tenant": (
        "reset role; create function app.f() returns void language sql set \"app.tenant_id\" = 'x' as ''",
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
            create function app.tenant() returns text language sql stable return current_setting('app.tenant_id');
            create function app.quick() returns text language sql immutable as $$select APP."tenant"()$$;
        """,
        "immutable_functions",
    ),
    "an immutable function that executes text": (
        """
            create function app.quick() returns text language plpgsql immutable as
                $$declare r text; begin execute 'select current_' || 'setting(''app.x'')' into r; return r; end$$;
        """,
        "immutable_functions",
    ),
    "an immutable function with a parsed body": (
        "create function app.quick() returns text language sql immutable return current_setting('app.tenant_id')",
        "immutable_functions",
    ),
    "an immutable name for a stable one": (
        "reset role; create function app.quick(text) returns text language internal immutable as 'show_config_by_name'",
        "immutable_functions",
    ),
    "a volatile function of PostgreSQL's in a policy": (
        GOOD + "create policy narrow on app.notes as restrictive using (random() < 2)",
        "policies_are_stable",
    ),
    "a sub-select within a case": (
        GOOD + "create policy narrow on app.notes as restrictive"
        " using (case when exists (select from app.tenants) then true else false end)",
        "policies_without_subselect",
    ),
    "a view that says security_invoker = off": (
        "create view app.names with (security_invoker = off) as select name from app.projects",
        "views_are_the_callers",
    ),
    "a column for references": (GOOD + "grant references (id) on app.notes to freehold_api", "table_privileges"),
    "maintain by all": (GOOD + "grant all on app.notes to freehold_worker", "table_privileges"),
    "an update by a table's grant": (GOOD + "grant update on app.notes to freehold_system", "rows_stay"),
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
        GOOD
        + "drop policy tenant on app.notes; create temporary table pg_class (oid oid, relnamespace oid, relkind text)",
        "tenant_policy",
    ),
    "a function for an extension of its own": (
        """
            reset role;
            update pg_extension set extowner = 'freehold_owner'::regrole;
            set local role freehold_owner;
            create function app.f() returns void language sql as '';
            grant execute on function app.f to public;
            alter extension plpgsql add function app.f();
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
        "create sequence app.invoice_numbers; grant select on app.invoice_numbers to freehold_api",
        "sequences",
    ),
    "a sequence behind a default": (
        GOOD + "create sequence app.n; alter table app.notes add column n bigint default nextval('app.n')",
        "sequences",
    ),
    "all foreign keys switched off": (
        GOOD + "reset role; alter table app.notes disable trigger all",
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
}
