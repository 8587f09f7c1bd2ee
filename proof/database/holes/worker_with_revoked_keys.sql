-- A worker acts for an API key that was revoked.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_worker'::regproc), 'and k.revoked_at is null', ''); end $$;
