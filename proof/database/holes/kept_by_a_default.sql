-- A column's default asks a function that claims to be immutable: a kept plan gives the next tenant its value.
-- focus: app.api_keys

create function app.planted_name() returns text language sql immutable set search_path = app, pg_temp as
$$ select name from tenants limit 1 $$;
revoke execute on function app.planted_name from public;
grant execute on function app.planted_name to freehold_api;
alter table app.api_keys add column label text not null default 'none';
alter table app.api_keys alter column label set default app.planted_name();
call app.allow('app.api_keys', 'freehold_api', 'insert');
