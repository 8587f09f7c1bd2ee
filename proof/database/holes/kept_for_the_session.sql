-- A trigger keeps a name for the session, and the next tenant can read it.
-- focus: gate

create function app.planted_keep() returns trigger language plpgsql as
$$ begin perform set_config('product.last_key', new.hint, false); return null; end $$;
revoke execute on function app.planted_keep from public;
create trigger keep after insert or update on app.api_keys for each row execute function app.planted_keep();
