-- says: {object} is a restrictive policy that restricts nothing.
-- fix: Run: drop policy {policy} on {table};
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table
  from policies p
 where not p.polpermissive and not p.binds
   and p.tree !~ '\{VAR ' and p.tree !~ ':funcid ' and p.tree !~ '\{S(UBLINK|QLVALUEFUNCTION) '
