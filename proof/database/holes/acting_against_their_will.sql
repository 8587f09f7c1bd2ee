-- An operator acts in a tenant that wants no support.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_acting'::regproc), 'and t.support_access', ''); end $$;
