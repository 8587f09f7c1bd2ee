-- says: {object} counts over all tenants: whoever sees its numbers sees how much the others do.
-- fix: Run: {no_default}
select r.name as object,
       coalesce(case d.deptype when 'i' then format('alter table %s alter column %I drop identity;', t.name, a.attname)
                               when 'a' then format('alter table %s alter column %I drop default; drop sequence %s;',
                                                    t.name, a.attname, r.name) end,
                (select format('alter table %s alter column %I drop default;', u.name, c.attname)
                   from pg_depend e join pg_attrdef f on f.oid = e.objid join tenant_tables u on u.oid = f.adrelid
                   join pg_attribute c on c.attrelid = f.adrelid and c.attnum = f.adnum
                  where e.classid = 'pg_attrdef'::regclass and e.refclassid = 'pg_class'::regclass and e.refobjid = r.oid
                  order by u.name, c.attnum limit 1),
                (select format('revoke all on sequence %s from %s;', r.name, string_agg(distinct g.role, ', '))
                   from grants g where g.oid = r.oid)) as no_default
  from relations r
  left join (pg_depend d join tenant_tables t on t.oid = d.refobjid
             join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid)
    on d.classid = 'pg_class'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
   and d.deptype in ('a', 'i')
 where r.relkind = 'S'
   and (t.oid is not null
        or exists (select from grants g where g.oid = r.oid)
        or exists (select from pg_depend e join pg_attrdef f on f.oid = e.objid join tenant_tables u on u.oid = f.adrelid
                    where e.classid = 'pg_attrdef'::regclass and e.refclassid = 'pg_class'::regclass and e.refobjid = r.oid))
