-- The door takes an issuer for another whose address begins alike.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter'::regproc), 'm.issuer = enter.issuer', 'starts_with(enter.issuer, m.issuer)'); end $$;
