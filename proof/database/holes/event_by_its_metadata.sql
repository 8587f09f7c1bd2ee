-- An event of Stripe's wakes the tenant that its metadata names, whosever its customer is.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.receive_stripe'::regproc), 'order by l.tenant_id loop',
    'union select named::uuid from substring(payload #>> ''{data,object,metadata,freehold_tenant}'' from ''^[0-9a-f-]{36}$'') named'
    ' where named is not null loop'); end $$;
