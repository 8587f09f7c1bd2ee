-- A session that was ended goes on.
-- focus: app.api_keys

do $$ begin execute replace(pg_get_functiondef('app.enter'::regproc), 'is not true', 'is null'); end $$;
