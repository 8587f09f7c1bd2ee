-- A trigger with a superuser's rights changes everybody's rows.
-- focus: app.api_keys

create function app.planted_touch() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$ begin update app.api_keys set updated_at = now() where id <> new.id; return null; end $$;
revoke execute on function app.planted_touch from public;
create trigger touch after update on app.api_keys for each row when (pg_trigger_depth() = 0) execute function app.planted_touch();
