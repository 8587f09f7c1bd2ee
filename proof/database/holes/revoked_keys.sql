-- A key that was revoked still opens.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_key'::regproc), 'k.revoked_at is null and', ''); end $$;
