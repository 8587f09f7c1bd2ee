-- A flag is changed for everybody, and nobody writes down who did and why.
-- focus: door

do $$ begin execute regexp_replace(pg_get_functiondef('app.change_flag'::regproc), 'insert into app\.flag_changes[^;]*;', ''); end $$;
