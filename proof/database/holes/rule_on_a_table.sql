-- A rule does more than the statement says, with the rights of the table's owner.
-- focus: gate

create rule everybody as on update to app.api_keys do also delete from app.outbox;
