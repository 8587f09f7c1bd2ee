-- says: {role} logs in and owns {kind} {what}.
-- fix: Run: reassign owned by {role} to freehold_owner;
select format('%s (%s)', quote_ident(r.rolname), o.identity) as object, quote_ident(r.rolname) as role, o.type as kind,
       o.identity as what
  from pg_shdepend d join pg_roles r on r.oid = d.refobjid and d.refclassid = 'pg_authid'::regclass
  cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) o
 where d.deptype = 'o' and r.rolcanlogin and (r.rolname = 'freehold_migrator' or r.oid in (select oid from runtime))
   and (d.dbid = (select oid from pg_database where datname = current_database())
        or d.classid = 'pg_database'::regclass and d.objid = (select oid from pg_database where datname = current_database()))
