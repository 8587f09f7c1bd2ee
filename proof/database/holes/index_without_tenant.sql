-- A foreign key's index does not begin with the tenant.
-- focus: gate

drop index app.api_keys_created_by;
create index api_keys_created_by on app.api_keys (created_by);
