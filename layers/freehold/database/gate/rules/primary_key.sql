-- says: {object} has no primary key.
-- fix: Run: alter table {object} add primary key ({key}, id);
select t.name as object, t.key
  from tenant_tables t
 where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)
