-- A foreign key without the tenant lets a row refer to another tenant's.
-- focus: app.api_keys

create unique index members_id on app.members (id);
alter table app.api_keys drop constraint api_keys_tenant_id_created_by_fkey;
alter table app.api_keys add foreign key (created_by) references app.members (id);
