-- says: {table} is PostgreSQL's own, and {role} may {privilege} there, which PostgreSQL gives to nobody like that.
-- fix: Run: revoke {privilege}{columns} on {kind} {table} from {role};
--   Only a superuser can.
select format('%s (%s, %s)', own.name, whom.name, lower(own.privilege_type)) as object, own.name as table, own.kind,
       whom.name as role, lower(own.privilege_type) as privilege, coalesce(' (' || quote_ident(own.attname) || ')', '') as columns
  -- Most privileges are as they were at the beginning, and are not read one by one.
  from (select format('%s.%I', c.relnamespace::regnamespace, c.relname) as name, 'table' as kind, null::name as attname, a.*
          from pg_class c
          left join pg_init_privs i on i.classoid = 'pg_class'::regclass and i.objoid = c.oid and i.objsubid = 0
          cross join lateral (select * from aclexplode(c.relacl) except select * from aclexplode(i.initprivs)) a
         where c.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and c.relacl is not null
           and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relacl is distinct from i.initprivs
        union all
        select format('%s.%I', c.relnamespace::regnamespace, c.relname), 'table', t.attname, a.*
          from pg_attribute t join pg_class c on c.oid = t.attrelid
          left join pg_init_privs i on i.classoid = 'pg_class'::regclass and i.objoid = c.oid and i.objsubid = t.attnum
          cross join lateral (select * from aclexplode(t.attacl) except select * from aclexplode(i.initprivs)) a
         where c.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and t.attacl is not null
           and t.attacl is distinct from i.initprivs
        union all
        select format('%s.%I(%s)', p.pronamespace::regnamespace, p.proname, oidvectortypes(p.proargtypes)), 'routine', null, a.*
          from pg_proc p left join pg_init_privs i on i.classoid = 'pg_proc'::regclass and i.objoid = p.oid
          cross join lateral (
            select * from aclexplode(p.proacl)
            except
            select * from aclexplode(coalesce(i.initprivs, acldefault('f', p.proowner)))) a
         where p.pronamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and p.proacl is not null
           and p.proacl is distinct from i.initprivs
       ) own
  cross join lateral (select case own.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(own.grantee)) end as name) whom
 where own.grantee <> own.grantor and own.grantee not in (select oid from trusted)
   -- On Aurora nobody else can, and what it opens there is not for a migration to close.
   and pg_get_userbyid(own.grantor) <> 'rdsadmin'
   -- What the installation says of this schema it does not note down.
   and not (own.grantee = 0 and own.name ~ '^information_schema\.' and own.privilege_type = 'SELECT' and own.attname is null)
