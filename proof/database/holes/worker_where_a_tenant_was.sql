-- A worker enters a tenant that has moved elsewhere.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_worker'::regproc), 'caller.epoch is distinct from enter_worker.epoch', 'false'); end $$;
