-- A tenant makes itself the one that another tenant's customer at Stripe belongs to.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.link_customer'::regproc), 'and l.tenant_id <> tenant)', 'and false)'); end $$;
