-- An event of Stripe's wakes every tenant that has a customer there.
-- focus: door

alter policy identity on directory.stripe_links using (true);
do $$ begin execute replace(pg_get_functiondef('app.receive_stripe'::regproc),
    'where l.issuer = ''stripe'' and l.subject = receive_stripe.subject order', 'where l.issuer = ''stripe'' order'); end $$;
