-- says: {object} is a trigger that is switched off.
-- fix: Run: alter table {table} enable trigger {trigger};
--   Only a superuser can, where it is PostgreSQL's own.
select format('%s (%I)', t.name, g.tgname) as object, t.name as table, quote_ident(g.tgname) as trigger
  from tables t join pg_trigger g on g.tgrelid = t.oid where g.tgenabled not in ('O', 'A')
