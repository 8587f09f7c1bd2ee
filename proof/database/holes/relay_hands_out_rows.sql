-- A function of the relay's gives whole rows of every tenant to the clock, and nobody looked at it.
-- focus: functions

create function app.everything() returns setof app.outbox
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    select * from app.outbox;
$$;
alter function app.everything owner to freehold_relay;
revoke execute on function app.everything from public;
grant execute on function app.everything to freehold_system;
