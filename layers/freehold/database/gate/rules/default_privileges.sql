-- says: {object} is open to {role} before anybody wrote a policy: default privileges of {owner} say so.
-- fix: Run: alter default privileges for role {owner}{schema} revoke all on {kinds} from {role};
select distinct format('Every new one of the %s of %s (%s)', kind.name, quote_ident(pg_get_userbyid(d.defaclrole)), role.name) as object,
       quote_ident(pg_get_userbyid(d.defaclrole)) as owner, kind.name as kinds, role.name as role,
       coalesce(' in schema ' || quote_ident(n.nspname), '') as schema
  from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
  cross join lateral aclexplode(d.defaclacl) a
  join (select oid, name from roles union all select 0, 'public') role on role.oid = a.grantee
  join (values ('r', 'tables'), ('S', 'sequences'), ('f', 'routines'), ('n', 'schemas')) kind (letter, name)
    on kind.letter = d.defaclobjtype
 where a.grantee <> d.defaclrole
