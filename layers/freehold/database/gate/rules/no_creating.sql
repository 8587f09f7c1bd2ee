-- says: {role} may {privilege} in {kind} {name}.
-- fix: Run: revoke {privilege} on {kind} {name} from {role};
select format('%s (%s, %s)', made.name, role.name, lower(made.privilege_type)) as object, made.kind, made.name,
       role.name as role, lower(made.privilege_type) as privilege
  from (select 'schema' as kind, quote_ident(s.nspname) as name, a.* from schemas s,
               aclexplode(coalesce(s.nspacl, acldefault('n', s.nspowner))) a where a.grantee <> s.nspowner
        union all
        select 'database', quote_ident(d.datname), a.* from pg_database d,
               aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
         where d.datname = current_database() and a.grantee <> d.datdba) made
  join (select oid, name from roles union all select 0, 'public') role on role.oid = made.grantee
 where made.privilege_type in ('CREATE', 'TEMPORARY')
