-- Whoever asks for a lease hears whether there is such a tenant.
-- focus: functions

do $$ begin execute replace(pg_get_functiondef('app.lease'::regproc),
    'app.who_asks(kind, issuer, subject, issued_at, secret_hash)',
    '(select ''anybody'' from app.tenants t where t.id = tenant)'); end $$;
