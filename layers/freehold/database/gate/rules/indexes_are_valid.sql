-- says: {object} is an index that was left invalid.
-- fix: Run: drop index {index};
--   And build it again.
-- settled: it is invalid for as long as it is built concurrently.
select format('%s (%I)', t.name, c.relname) as object, format('%I.%I', n.nspname, c.relname) as index
  from tables t join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid
  join pg_namespace n on n.oid = c.relnamespace
 where not (i.indisvalid and i.indisready and i.indislive)
