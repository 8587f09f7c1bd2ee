-- A worker enters a tenant that has moved elsewhere.
-- focus: app.api_keys

do $$ begin execute replace(pg_get_functiondef('app.enter_worker'::regproc), 'caller.epoch is distinct from enter_worker.epoch', 'false'); end $$;
