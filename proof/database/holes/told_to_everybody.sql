-- A trigger tells of each change on a channel to which anybody may listen.
-- focus: gate

create function app.planted_tell() returns trigger language plpgsql as
$$ begin perform pg_notify('keys', to_jsonb(new)::text); return null; end $$;
revoke execute on function app.planted_tell from public;
create trigger tell after insert or update on app.api_keys for each row execute function app.planted_tell();
