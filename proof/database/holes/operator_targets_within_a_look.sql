-- An operator who came to look shows the tenant a variant of a flag.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.target_flag'::regproc), 'visit.permission <> ''decisions:change''', 'false'); end $$;
