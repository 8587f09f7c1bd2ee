-- What somebody gives is not compared with what they hold.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.can_grant'::regproc), 'wanted = ''{}''', 'true'); end $$;
