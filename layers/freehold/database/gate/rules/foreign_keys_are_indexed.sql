-- says: {object} is a foreign key without an index that begins with its columns.
-- fix: Run: create index on {table} ({columns});
select format('%s (%I)', f.name, f.conname) as object, f.name as table, f.columns
  from references_ f
 -- One that another rule has dropped needs no index.
 where f.holder <> 'global' and f.referred_holder = 'tenant' and f.carries
   and not exists (
        select from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
         where i.indrelid = f.oid and i.indisvalid and m.amname = 'btree'
           and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] = f.conkey
           and (i.indpred is null or pg_get_expr(i.indpred, f.oid) ~ '^\(([a-z0-9_]+|"([^"]|"")+") IS NOT NULL\)$'))
