-- A function reads with the rights of a superuser.
-- focus: app.projects

create function app.everything(tenant uuid) returns setof app.projects language sql security definer as
$$ select * from app.projects $$;
grant execute on function app.everything to freehold_api;
