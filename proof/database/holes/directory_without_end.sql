-- A directory's token that was revoked still opens.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_scim'::regproc), 'k.revoked_at is null and', ''); end $$;
