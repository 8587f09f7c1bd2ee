-- What one tenant's worker has had, no other's gets.
-- focus: app.api_keys

alter table app.inbox drop constraint inbox_pkey;
alter table app.inbox add primary key (consumer, event_id);
