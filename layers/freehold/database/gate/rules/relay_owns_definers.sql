-- says: {object} is a {kind} of freehold_relay, who owns functions that run with its rights and nothing else.
-- fix: Run: alter {kind} {object} owner to freehold_owner;
select o.identity as object, o.type as kind
  from pg_shdepend d join pg_roles r on r.oid = d.refobjid and r.rolname = 'freehold_relay'
  cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) o
 where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o' and d.classid <> 'pg_default_acl'::regclass
   and d.dbid in (0, (select oid from pg_database where datname = current_database()))
   and not (d.classid = 'pg_proc'::regclass and d.objid in (select oid from functions where prosecdef and prokind = 'f' and name ~ '^app[.]'))
