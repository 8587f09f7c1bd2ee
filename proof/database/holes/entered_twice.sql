-- The door lets one transaction into a second tenant.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.open'::regproc), '<> ''''', '= ''never'''); end $$;
