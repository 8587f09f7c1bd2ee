-- Somebody who was taken out signs in by the tenant's own provider.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.sign_in'::regproc), 'who.status <> ''active''', 'who.status = ''suspended'''); end $$;
