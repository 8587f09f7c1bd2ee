-- A worker acts for a member who has left.
-- focus: app.api_keys

do $$ begin execute replace(pg_get_functiondef('app.enter_worker'::regproc), 'm.status = ''active''', 'true'); end $$;
