-- says: {object} is a policy with a sub-select, which runs for each row and under the policies of what it reads.
-- fix: Run: drop policy {policy} on {table};
--   Have the entrance look it up once, and compare with what it set.
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table
  from policies p where p.tree ~ '\{SUBLINK '
