-- A worker acts for a member who has left.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_worker'::regproc), 'm.status = ''active''', 'true'); end $$;
