-- Asking where one belongs leaves one in the last of the tenants.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.tenants_of'::regproc), 'perform set_config(''app.tenant_id'', '''', true);', ''); end $$;
