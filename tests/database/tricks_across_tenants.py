"""What a hostile migration would try with the relay, which alone looks across tenants, and the rule that sees it."""

from tests.database.planted import CROSSED, GOOD, MACHINES, PASSES, RELAYS, TENANT

EVIL = f"tenant_id = {TENANT}"
CROSSES = f"current_user = 'freehold_relay' or {EVIL}"
ALTERED = "alter policy tenant on app.gate_trial using ({0}) with check ({0})"
NIL = "set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true)"
HOSTILE = {
    "an exception for another role": (
        MACHINES + ALTERED.format(CROSSES.replace("'freehold_relay'", "'freehold_api'")),
        "tenant_policy",
    ),
    "an exception for the relay and another role": (
        MACHINES + ALTERED.format(CROSSES.replace("= 'freehold_relay'", "in ('freehold_relay', 'freehold_api')")),
        "tenant_policy",
    ),
    "an exception for whoever logged in": (
        MACHINES + ALTERED.format(CROSSES.replace("current_user", "session_user")),
        "tenant_policy",
    ),
    "an exception for members": (
        MACHINES
        + ALTERED.format(CROSSES.replace("current_user = 'freehold_relay'", "pg_has_role('freehold_relay', 'member')")),
        "policies_know_no_roles",
    ),
    "an exception that is written only": (
        MACHINES + f"alter policy tenant on app.gate_trial using ({EVIL}) with check ({CROSSES})",
        "tenant_policy",
    ),
    "an exception on an audited table": (GOOD + ALTERED.format(CROSSES), "tenant_policy"),
    "an exception on a table that is called a machine's": (
        GOOD + "comment on table app.gate_trial is 'unaudited: '; call app.cross('app.gate_trial', 'select')",
        "tenant_policy",
    ),
    "an exception in another schema": (
        "create schema gate_schema;"
        + MACHINES.replace("app.gate_trial", "gate_schema.gate_trial")
        + "call app.cross('gate_schema.gate_trial', 'select')",
        "tenant_policy",
    ),
    "an exception on the tenants themselves": (
        "comment on table app.tenants is 'unaudited: x';"
        "alter policy tenant on app.tenants using (" + CROSSES.replace("tenant_id =", "id =") + ")"
        " with check (" + CROSSES.replace("tenant_id =", "id =") + ")",
        "tenant_policy",
    ),
    "an exception on a partition of what has none": (
        "alter policy tenant on app.inbox_default using (" + CROSSES + ") with check (" + CROSSES + ")",
        "crossings_are_reviewed",
    ),
    "another restrictive policy that lets the relay through": (
        GOOD + "create policy tenant_too on app.gate_trial as restrictive"
        " using (current_user = 'freehold_relay' or code = 'x')",
        "policies_know_no_roles",
    ),
    "the relay's own table": (
        "create table app.gate_trial (id uuid); reset role; alter table app.gate_trial owner to freehold_relay",
        "relay_owns_definers",
    ),
    "a schema of the relay's": ("reset role; create schema mine authorization freehold_relay", "relay_owns_definers"),
    "a function of the relay's with its caller's rights": (
        PASSES + "reset role; alter function app.gate_pass security invoker",
        "relay_owns_definers",
    ),
    "an aggregate over a function of the relay's": (
        """
            reset role;
            create function app.gate_next(text, text) returns text language sql security definer as 'select $1';
            alter function app.gate_next owner to freehold_relay;
            create aggregate app.gate_all(text) (sfunc = app.gate_next, stype = text);
            alter aggregate app.gate_all(text) owner to freehold_relay;
        """,
        "relay_owns_definers",
    ),
    "an entrance that is given to the relay": (
        "reset role; alter function app.enter_key owner to freehold_relay",
        "relay_is_called_by_the_clock",
    ),
    "an entrance that the relay may call": (
        "reset role; grant execute on function app.enter_worker to freehold_relay",
        "relay_is_granted_little",
    ),
    "a tenant's table for the relay": (
        GOOD + "call app.allow('app.gate_trial', 'freehold_relay', 'select')",
        "relay_is_granted_little",
    ),
    "a column of a tenant's table for the relay": (
        GOOD + "grant select (code) on app.gate_trial to freehold_relay",
        "relay_is_granted_little",
    ),
    "a view for the relay": (
        """
            create view app.gate_names with (security_invoker) as select name from app.projects;
            grant select on app.gate_names to freehold_relay;
        """,
        "relay_is_granted_little",
    ),
    "new rows of any tenant for the relay": (
        CROSSED + "grant insert (tenant_id, id) on app.gate_trial to freehold_relay",
        "relay_is_granted_little",
    ),
    "rows that the relay moves": (
        CROSSED + "grant update (tenant_id) on app.gate_trial to freehold_relay",
        "rows_stay",
    ),
    "another schema for the relay": ("grant usage on schema directory to freehold_relay", "relay_is_granted_little"),
    "the database for the relay": (
        "reset role; grant connect on database freehold to freehold_relay",
        "relay_is_granted_little",
    ),
    "a function of the relay's for everybody": (
        PASSES + "reset role; grant execute on function app.gate_pass to public",
        "relay_is_called_by_the_clock",
    ),
    "a function of the relay's for the owner, who has an aggregate call it": (
        PASSES + "reset role; grant execute on function app.gate_pass to freehold_owner",
        "relay_is_called_by_the_clock",
    ),
    "a function of the relay's that may be given on": (
        PASSES + "reset role; grant execute on function app.gate_pass to freehold_system with grant option",
        "relay_is_called_by_the_clock",
    ),
    "a trigger that fires a function of the relay's": (
        GOOD
        + """
            create function app.gate_copy() returns trigger language plpgsql security definer
                set search_path = pg_catalog, pg_temp as 'begin return null; end';
            create trigger copied after insert on app.gate_trial for each row execute function app.gate_copy();
            reset role; alter function app.gate_copy owner to freehold_relay;
        """,
        "relay_is_called_by_the_clock",
    ),
    "the relay in a tenant of its choice": (
        RELAYS.format(
            language="sql", body="select set_config('app.tenant_id', uuidv7()::text, true), 1 from app.outbox"
        ),
        "relay_enters_no_tenant",
    ),
    "the relay in a tenant afterwards": (
        RELAYS.format(
            language="plpgsql",
            body=f"begin perform {NIL}; perform set_config('app.tenant_' || 'id', 'x', true) from app.outbox; end",
        ),
        "relay_enters_no_tenant",
    ),
    "the relay in a tenant by a command": (
        RELAYS.format(
            language="plpgsql", body=f"begin perform {NIL}; set local app.tenant_id = 'x'; perform from app.outbox; end"
        ),
        "relay_enters_no_tenant",
    ),
    "the relay that says in a comment where it stands": (
        RELAYS.format(language="plpgsql", body=f"begin -- begin perform {NIL};\n perform from app.outbox; end"),
        "relay_enters_no_tenant",
    ),
    "the relay that says in a long comment where it stands": (
        RELAYS.format(language="plpgsql", body=f"/* begin perform {NIL}; */ begin perform from app.outbox; end"),
        "relay_enters_no_tenant",
    ),
    "the relay that says in a text where it stands": (
        RELAYS.format(
            language="plpgsql",
            body="declare said text := $q$begin perform " + NIL + ";$q$; begin perform from app.outbox; end",
        ),
        "relay_enters_no_tenant",
    ),
    "the relay that says so once it has looked": (
        RELAYS.format(language="plpgsql", body=f"begin perform from app.outbox; perform {NIL}; end"),
        "relay_enters_no_tenant",
    ),
    "the relay that executes a text": (
        RELAYS.format(language="plpgsql", body="begin execute 'select from app' || '.outbox'; end"),
        "relay_enters_no_tenant",
    ),
    "the relay that looks by another's hands": (
        "create function app.gate_look() returns void language sql as 'select from app.outbox';"
        + RELAYS.format(language="sql", body="select app.gate_look()"),
        "relay_enters_no_tenant",
    ),
    "the relay that finds its tables by a path": (
        RELAYS.format(language="plpgsql", body="begin perform from outbox; end").replace(
            "pg_catalog, pg_temp", "pg_catalog, app, pg_temp"
        ),
        "relay_enters_no_tenant",
    ),
    "an entrance for the clock": (
        "reset role; grant execute on function app.enter_worker to freehold_system",
        "clock_has_nothing_else",
    ),
    "a sequence for the clock": (
        "create sequence app.gate_numbers; grant usage on sequence app.gate_numbers to freehold_system",
        "clock_has_nothing_else",
    ),
    "somebody who becomes the relay": (
        "reset role; grant freehold_relay to freehold_system with inherit false, set true",
        "no_way_to_an_owner",
    ),
    "somebody else who becomes the relay": (
        "reset role; create role alice; grant freehold_relay to alice with inherit false, set false",
        "no_way_to_an_owner",
    ),
    "a migrator who makes others the relay": (
        "reset role; grant freehold_relay to freehold_migrator with inherit false, set true, admin true",
        "owners_members",
    ),
    "a relay that becomes others": ("reset role; grant freehold_api to freehold_relay", "roles_stay_apart"),
    "a role that takes the relay's name over": (
        "reset role; alter role freehold_relay rename to gate_relay; create role freehold_relay login",
        "owners_do_not_log_in",
    ),
}
HARMLESS = {
    "an exception for the relay on a machine's table": (CROSSED, "tenant_policy"),
    "an exception that app.cross writes": (CROSSED, "policies_know_no_roles"),
    "a part of what may be crossed": (
        """
            create table app.gate_part partition of app.outbox
                for values from ('03000000-0000-7000-8000-000000000000') to ('03100000-0000-7000-8000-000000000000');
            call app.tenant_table('app.gate_part', unaudited => 'as its whole');
            call app.cross('app.gate_part', 'select');
        """,
        "crossings_are_reviewed",
    ),
    "what the relay may read and update of it": (CROSSED, "relay_is_granted_little"),
    "a function of the relay's for the clock": (
        PASSES + "reset role; grant execute on function app.gate_pass to freehold_system",
        "relay_is_called_by_the_clock",
    ),
    "a function of the relay's that stands in no tenant": (
        RELAYS.format(
            language="plpgsql",
            body=f"declare\n one int; -- of them\nbegin\n  perform {NIL}; -- in none\n  perform from app.outbox; end",
        ),
        "relay_enters_no_tenant",
    ),
    "a function of the relay's in SQL": (
        RELAYS.format(language="sql", body=f"select {NIL}; select from app.outbox"),
        "relay_enters_no_tenant",
    ),
    "a function of the relay's that touches no tenant's table": (
        RELAYS.format(language="sql", body="select from app.turns"),
        "relay_enters_no_tenant",
    ),
    "a policy that knows the time": (
        GOOD + "create policy tenant_too on app.gate_trial as restrictive using (current_date > '2026-01-01')",
        "policies_know_no_roles",
    ),
}
"""What looks like a trick and is none: its SQL, and the rule that says nothing."""
