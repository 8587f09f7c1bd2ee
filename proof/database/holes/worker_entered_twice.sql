-- A message leads from one tenant into the next: whoever works forgets where it is.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.enter_worker'::regproc), 'app.open(tenant, request_id, '''')',
    'set_config(''app.tenant_id'', tenant::text, true) is not null and set_config(''app.request_id'', request_id, true) is not null'); end $$;
