-- An operator acts in a tenant that wants no support.
-- focus: door

drop trigger end_support on app.tenants;
do $$ begin execute replace(pg_get_functiondef('app.enter_acting'::regproc), 'and t.support_access', ''); end $$;
