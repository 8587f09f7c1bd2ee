-- An operator who came to look gives the tenant access for nothing.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.grant_access'::regproc), 'visit.permission <> ''access:grant''', 'false'); end $$;
