-- A function with its owner's rights may be called by everybody.
-- focus: app.projects

create function app.how_many() returns bigint language sql security definer as $$ select count(*) from app.projects $$;
grant execute on function app.how_many to public;
