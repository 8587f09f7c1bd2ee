-- An invitation is good although whoever invited was suspended.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.accept_invitation'::regproc), 'and m.status = ''active'';', ';'); end $$;
