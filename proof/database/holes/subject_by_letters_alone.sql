-- The door takes a person for another whose name differs in upper and lower case.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter'::regproc), 'm.subject = enter.subject', 'lower(m.subject) = lower(enter.subject)'); end $$;
