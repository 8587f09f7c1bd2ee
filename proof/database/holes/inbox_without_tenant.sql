-- What one tenant's worker has had, no other's gets.
-- focus: door

alter table app.inbox drop constraint inbox_pkey;
alter table app.inbox add primary key (consumer, event_id);
