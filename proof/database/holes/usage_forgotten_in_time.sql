-- What was used is forgotten while it can still be sent, and is paid for twice.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.forget_usage_keys'::regproc), 'interval ''36 days''', 'interval ''36 hours'''); end $$;
