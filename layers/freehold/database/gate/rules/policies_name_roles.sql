-- says: {object} is a policy that lets every role in, whoever that will be.
-- fix: Run: drop policy {policy} on {table};
--   And name the role: call app.allow({literal}, 'freehold_api', 'select');
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table,
       quote_literal(p.name) as literal
  from policies p where p.polpermissive and p.polroles = '{0}' and p.holder <> 'global'
