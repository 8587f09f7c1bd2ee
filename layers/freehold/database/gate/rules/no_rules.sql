-- says: {object} is a rewrite rule: it runs other statements than were sent, with its owner's rights.
-- fix: Run: drop rule {rule} on {table};
select format('%s (%I)', r.name, w.rulename) as object, quote_ident(w.rulename) as rule, r.name as table
  from relations r join pg_rewrite w on w.ev_class = r.oid where w.rulename <> '_RETURN' and not r.of_extension
