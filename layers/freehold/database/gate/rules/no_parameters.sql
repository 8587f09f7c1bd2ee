-- says: {role} may set {parameter}, which only a superuser should.
-- fix: Run: revoke all on parameter {parameter} from {role};
select distinct format('%s (%s)', p.parname, role.name) as object, p.parname as parameter, role.name as role
  from pg_parameter_acl p cross join lateral aclexplode(p.paracl) a
  join (select oid, name from roles union all select 0, 'public') role on role.oid = a.grantee
