-- The door lets one transaction into a second tenant.
-- focus: app.api_keys

do $$ begin execute replace(pg_get_functiondef('app.open'::regproc), '<> ''''', '= ''never'''); end $$;
