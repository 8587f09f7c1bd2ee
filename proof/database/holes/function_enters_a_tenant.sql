-- A function that needs no rights of its own enters whatever tenant it is told, and counts.
-- focus: functions

create function app.planted_size(tenant uuid) returns bigint language plpgsql as $$
declare was text := current_setting('app.tenant_id', true); n bigint;
begin
    perform set_config('app.tenant_id', tenant::text, true);
    select count(*) into n from app.members;
    perform set_config('app.tenant_id', was, true);
    return n;
end $$;
revoke execute on function app.planted_size from public;
grant execute on function app.planted_size to freehold_api;
