-- A tenant's own provider stands in for members who hold more than whoever set it up.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.sign_in'::regproc), 'or not app.permissions_of(who.role, who.custom_role) <@ way.power', ''); end $$;
