-- says: {object} is of type {type}: what it points at, a large object for one, belongs to no tenant.
-- fix: Run: alter table {table} drop column {column};
--   Keep bytes in a column of type bytea.
select format('%s.%I', t.name, a.attname) as object, t.name as table, quote_ident(a.attname) as column,
       format_type(a.atttypid, a.atttypmod) as type
  from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_type y on y.oid = a.atttypid
 where t.holder <> 'global' and (y.oid = 'oid'::regtype or y.typbasetype = 'oid'::regtype or y.typname = 'lo')
