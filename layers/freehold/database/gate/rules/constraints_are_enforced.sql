-- says: {object} is a constraint that is not enforced.
-- fix: Run: alter table {table} drop constraint {constraint};
--   And add it without NOT ENFORCED.
select format('%s (%I)', t.name, k.conname) as object, t.name as table, quote_ident(k.conname) as constraint
  from tables t join pg_constraint k on k.conrelid = t.oid where not k.conenforced
