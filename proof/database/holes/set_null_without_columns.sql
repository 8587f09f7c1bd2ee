-- Deleting what is referred to takes the tenant away from the row that refers to it.
-- focus: gate

alter table app.api_keys drop constraint api_keys_tenant_id_created_by_fkey;
alter table app.api_keys add foreign key (tenant_id, created_by) references app.members on delete set null;
