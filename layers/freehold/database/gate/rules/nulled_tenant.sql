-- says: {object} would set {key} to null or to its default when what it refers to goes.
-- fix: Run: alter table {table} drop constraint {constraint};
--   Then add it with: on delete set null (…), naming the columns that are not {key}.
select format('%s (%I)', f.name, f.conname) as object, f.name as table, quote_ident(f.conname) as constraint, f.key
  from references_ f
 where f.key_number = any (f.conkey)
   and (f.confupdtype in ('n', 'd')
        or f.confdeltype in ('n', 'd') and (f.confdelsetcols is null or f.key_number = any (f.confdelsetcols)))
