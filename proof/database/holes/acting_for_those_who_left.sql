-- An operator goes on as a member who has left.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_acting'::regproc), 'm.status = ''active''', 'true'); end $$;
