-- says: {name} was given to freehold_system for {privilege}: it calls the relay's functions, and sees nothing by itself.
-- fix: Run: revoke {privilege}{columns} on {kind} {name} from freehold_system;
select format('%s (freehold_system, %s)', given.name, given.privilege) as object, given.kind, given.name, given.privilege, given.columns
  from (select 'table' as kind, g.name, g.privilege,
               coalesce(' (' || string_agg(quote_ident(g.attname), ', ' order by g.attname) || ')', '') as columns
          from grants g where g.grantee = (select oid from pg_roles where rolname = 'freehold_system')
         group by g.name, g.privilege, g.attname is null
        union all
        select 'routine', f.name, 'execute', ''
          from functions f cross join lateral aclexplode(f.proacl) a
         where a.grantee = (select oid from pg_roles where rolname = 'freehold_system')
           and f.proowner <> (select oid from pg_roles where rolname = 'freehold_relay')) given
