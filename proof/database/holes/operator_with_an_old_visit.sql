-- A line of another day lets an operator look again.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.this_visit'::regproc), 'and v.at = now()', ''); end $$;
