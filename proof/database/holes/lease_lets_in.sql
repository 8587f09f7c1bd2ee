-- Whoever asks for a lease is in the tenant afterwards.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.lease'::regproc),
    'perform set_config(''app.tenant_id'', '''', true);', ''); end $$;
