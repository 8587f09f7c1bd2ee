-- says: {function} looks across tenants, and {who}: only freehold_system may call it.
-- fix: Run: {removal}
select format('%s (%s)', f.name, reached.by) as object, f.name as function, reached.who, reached.removal
  from functions f
  cross join lateral (
    select coalesce(quote_ident(r.rolname), 'public') as by,
           coalesce(quote_ident(r.rolname), 'everybody')
               || case when r.rolname = 'freehold_system' then ' may give it on' else ' may execute it' end as who,
           format('revoke execute on routine %s from %s cascade;', f.name, coalesce(quote_ident(r.rolname), 'public')) as removal
      from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a left join pg_roles r on r.oid = a.grantee
     where a.grantee <> f.proowner and (r.rolname is distinct from 'freehold_system' or a.is_grantable)
    union all
    -- Nobody needs the right to execute what a trigger fires.
    select format('%s (%I)', c.name, g.tgname), format('the trigger %I on %s fires it', g.tgname, c.name),
           format('drop trigger %I on %s;', g.tgname, c.name)
      from pg_trigger g join relations c on c.oid = g.tgrelid where g.tgfoid = f.oid and g.tgparentid = 0
  ) reached
 where f.proowner = (select oid from pg_roles where rolname = 'freehold_relay')
