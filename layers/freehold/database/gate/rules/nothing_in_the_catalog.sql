-- says: {object} is somebody's in PostgreSQL's own schemas, where it is found before anything of the same name.
-- fix: Run: drop {kind} {object} cascade;
--   Only a superuser can.
-- What the installation brings has a lower number, also where it was made with SQL.
select made.object, made.kind
  from (select format('%s.%I', c.relnamespace::regnamespace, c.relname) as object, c.oid, c.relowner as owner,
               'pg_class'::regclass as catalog, c.relnamespace as schema,
               case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                              when 'f' then 'foreign table' else 'table' end as kind
          from pg_class c where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select format('%s.%I(%s)', p.pronamespace::regnamespace, p.proname, oidvectortypes(p.proargtypes)), p.oid, p.proowner,
               'pg_proc'::regclass, p.pronamespace, 'routine'
          from pg_proc p
        union all
        select o.oid::regoperator::text, o.oid, o.oprowner, 'pg_operator'::regclass, o.oprnamespace, 'operator' from pg_operator o
       ) made join pg_roles r on r.oid = made.owner
 where made.oid >= 16384 and made.schema in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
   and r.rolname <> 'rdsadmin'
   and not (r.rolsuper and exists (select from pg_depend d where d.classid = made.catalog and d.objid = made.oid and d.deptype = 'e'))
