-- The entrances that code of the version before 0013 used.

drop function app.enter(uuid, integer, text, text, timestamptz, text, text, text);
drop function app.enter_key(uuid, integer, bytea, text, text, text);
drop function app.admit(text, uuid, text[], text, integer, app.access, integer, app.access);
