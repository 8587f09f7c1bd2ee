-- A trial that another tenant has had is had again by whoever names something new besides.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.take_trial'::regproc), 'free := free and not', 'free := not'); end $$;
