-- says: {role} is a member of {owner}{how}.
-- fix: Run: {membership}
select format('%s (%s)', quote_ident(o.rolname), quote_ident(r.rolname)) as object, quote_ident(r.rolname) as role,
       quote_ident(o.rolname) as owner,
       case when r.rolname = 'freehold_migrator' then ' and inherits its rights or gives it on' else ', which only freehold_migrator may be' end as how,
       case when r.rolname = 'freehold_migrator' then format('grant %I to freehold_migrator with inherit false, set true, admin false;', o.rolname)
            else format('revoke %I from %I;', o.rolname, r.rolname) end as membership
  from pg_auth_members m join pg_roles o on o.oid = m.roleid join pg_roles r on r.oid = m.member
 where m.roleid in (select oid from owners) and r.oid not in (select oid from runtime)
   and (m.inherit_option or m.admin_option or r.rolname <> 'freehold_migrator') and r.rolname <> 'freehold_admin'
