-- A rule does more than the statement says, with the rights of the table's owner.
-- focus: app.projects

create rule everybody as on update to app.projects do also delete from app.outbox;
