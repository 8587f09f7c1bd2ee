-- says: {object}.{key} is of type {type}, where the tenant's id is a uuid.
-- fix: Run: alter table {object} alter column {key} drop default, alter column {key} type uuid using {key}::text::uuid,
--   alter column {key} set default current_setting('app.tenant_id')::uuid;
select t.name as object, t.key, format_type(a.atttypid, a.atttypmod) as type
  from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum = t.key_number
 where t.holder <> 'global' and a.atttypid <> 'uuid'::regtype
