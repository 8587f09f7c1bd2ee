-- A trigger with a superuser's rights changes everybody's rows.
-- focus: app.projects

create function app.touch() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$ begin update app.projects set updated_at = now() where id <> new.id; return null; end $$;
revoke execute on function app.touch from public;
create trigger touch after update of name on app.projects for each row when (pg_trigger_depth() = 0) execute function app.touch();
