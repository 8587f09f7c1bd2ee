-- An operator whom the tenant has stopped goes on as a member.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.enter_acting'::regproc), 'i.ended_at is null', 'true'); end $$;
