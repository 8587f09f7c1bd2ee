-- The door lets into a tenant that was suspended.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.admit'::regproc), 'access < needs', 'false'); end $$;
