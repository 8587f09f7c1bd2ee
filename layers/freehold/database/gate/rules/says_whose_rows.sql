-- says: {object} does not say whose rows it holds: it has no column tenant_id.
-- fix: Run: alter table {object} add column tenant_id uuid not null;
--   alter table {object} alter column tenant_id set default current_setting('app.tenant_id')::uuid;
--   Or, where its rows are nobody's and no request changes them: comment on table {object} is 'global: why'.
select t.name as object from tenant_tables t where t.key_number is null
