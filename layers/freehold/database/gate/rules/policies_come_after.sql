-- says: {object} is a restrictive policy whose name comes before {first}: PostgreSQL asks it first, on every tenant's rows.
-- fix: Run: alter policy {policy} on {table} rename to {later};
-- An error in it, a division by zero for one, would tell of a row that the policy {first} hides.
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table,
       quote_ident(bound.first) as first, quote_ident(left(bound.first || '_' || p.polname, 63)) as later
  from policies p
  join (select oid, min(polname::text collate "C") as first from policies where binds group by oid) bound on bound.oid = p.oid
 where not p.polpermissive and not p.binds and p.polname::text collate "C" < bound.first
