-- The dispatcher hands a job over with what is known of another tenant's.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.hand_over'::regproc), 'returning j.tenant_id, j.id, j.token, j.request_id',
    'returning j.tenant_id, j.id, j.token, (select o.request_id from app.jobs o where o.tenant_id <> j.tenant_id limit 1)'); end $$;
