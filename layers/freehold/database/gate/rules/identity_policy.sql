-- says: {object} has no restrictive policy that binds every role to the identity that asks.
-- fix: Run: drop policy if exists identity on {object};
--   call app.identity_table({literal}, 'why it is kept by identity');
select t.name as object, quote_literal(t.name) as literal
  from identity_tables t where not exists (select from policies p where p.oid = t.oid and p.binds)
