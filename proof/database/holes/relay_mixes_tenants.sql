-- The relay puts one tenant's data into the event of another.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.relay'::regproc), 'to_json(o.request_id), o.data)',
    'to_json(o.request_id), (select x.data from app.outbox x where x.tenant_id <> o.tenant_id limit 1))'); end $$;
