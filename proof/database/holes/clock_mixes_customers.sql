-- The clock is told of each tenant with the customers of all others on the page.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.billing_tenants'::regproc), 's.customer_id, s.synced_from from app.billing_syncs s',
    'x.customer_id, s.synced_from from app.billing_syncs s cross join app.billing_syncs x'); end $$;
