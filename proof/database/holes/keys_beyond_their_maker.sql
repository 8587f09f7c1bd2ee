-- A key keeps what its maker has lost.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_key'::regproc), 'intersect select unnest(r.permissions)', ''); end $$;
