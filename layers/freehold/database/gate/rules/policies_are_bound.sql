-- says: {object} opens rows to {roles}, and nothing binds them to a tenant.
-- fix: Run: drop policy {policy} on {table};
--   And call app.tenant_table before app.allow.
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table,
       (select string_agg(case role when 0 then 'every role' else pg_get_userbyid(role) end, ', ') from unnest(p.polroles) role) as roles
  from policies p
 where p.polpermissive and p.holder <> 'global'
   and not exists (select from policies b where b.oid = p.oid and b.binds)
