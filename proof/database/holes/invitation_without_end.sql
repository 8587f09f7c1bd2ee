-- An invitation is good after its time.
-- focus: door

do $$ begin execute replace(pg_get_functiondef('app.accept_invitation'::regproc), 'invited.expires_at <= now()', 'false'); end $$;
