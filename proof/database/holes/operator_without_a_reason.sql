-- An operator need not say why.
-- focus: door

alter table app.operator_visits drop constraint operator_visits_reason_check;
do $$ begin execute replace(pg_get_functiondef('app.enter_operator'::regproc), '>= 10', '>= 0'); end $$;
