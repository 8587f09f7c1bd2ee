-- A function with its owner's rights may be called by everybody.
-- focus: gate

create function app.planted_count() returns bigint language sql security definer as $$ select count(*) from app.api_keys $$;
grant execute on function app.planted_count to public;
