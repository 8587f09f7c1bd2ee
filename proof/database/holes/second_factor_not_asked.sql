-- A second factor that is required is not asked for.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter'::regproc), 't.mfa_required and', 'false and'); end $$;
