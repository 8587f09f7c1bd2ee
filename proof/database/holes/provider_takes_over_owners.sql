-- A tenant's own provider stands in for members who hold more than whoever set it up.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.sign_in'::regproc), 'who.break_glass or not', 'who.break_glass or false and not'); end $$;
