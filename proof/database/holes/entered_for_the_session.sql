-- The door sets the tenant for the session, as most tutorials do: it outlives the unit of work.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.open'::regproc), 'tenant::text, true)', 'tenant::text, false)'); end $$;
