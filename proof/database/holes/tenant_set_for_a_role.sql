-- A role comes in with a tenant set, before any door.
-- focus: app.api_keys

do $$ begin execute format('alter role freehold_api set app.tenant_id = %L', (select min(id::text) from app.tenants)); end $$;

-- undo: roles are the whole cluster's
alter role freehold_api reset app.tenant_id;
