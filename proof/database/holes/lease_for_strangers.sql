-- A lease is given to whoever names a tenant, and uses up what is that tenant's.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.lease'::regproc),
    'app.who_asks(kind, issuer, subject, issued_at, secret_hash)', '''anybody'''); end $$;
create or replace function app.rate_of(
    rate_class text, out most integer, out period integer, out share double precision, out rule text
) language sql stable as $$ select 600, 60, 1::float, 'plan:free/rate:read' $$;
