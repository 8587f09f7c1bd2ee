-- says: {object} is a foreign key from a table of nobody's rows, which {role} may use, to {referred}.
-- fix: Run: alter table {table} drop constraint {constraint};
--   Or make it a tenant table.
select distinct on (f.name, f.conname) format('%s (%I)', f.name, f.conname) as object, f.name as table,
       quote_ident(f.conname) as constraint, f.referred_name as referred, g.role
  from references_ f join grants g on g.oid = f.oid
 where f.holder = 'global' and f.referred_holder <> 'global'
 order by f.name, f.conname, g.role
