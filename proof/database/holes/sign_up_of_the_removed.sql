-- A sign-up that is repeated shows the tenant to whoever has left it since.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.sign_up'::regproc), 'm.status = ''active''', 'true'); end $$;
