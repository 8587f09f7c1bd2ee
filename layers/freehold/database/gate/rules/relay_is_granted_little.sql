-- says: {name} was given to freehold_relay for {privilege}: it reads and updates what it may cross, and no more.
-- fix: Run: revoke {privilege}{columns} on {kind} {name} from freehold_relay;
--   Or have the privilege reviewed, where rows of every tenant have to come or go.
select format('%s (freehold_relay, %s)', given.name, given.privilege) as object, given.kind, given.name, given.privilege, given.columns
  from (select 'table' as kind, g.name, g.privilege,
               coalesce(' (' || string_agg(quote_ident(g.attname), ', ' order by g.attname) || ')', '') as columns
          from grants g left join tables t on t.oid = g.oid
         where g.grantee = (select oid from pg_roles where rolname = 'freehold_relay')
           and not coalesce(t.holder = 'global', false)
           and not (g.privilege in ('select', 'update') and exists (select from policies p where p.oid = g.oid and p.crosses))
         group by g.name, g.privilege, g.attname is null
        union all
        select 'routine', f.name, 'execute', ''
          from functions f cross join lateral aclexplode(f.proacl) a
         where f.prosecdef and a.grantee <> f.proowner and a.grantee = (select oid from pg_roles where rolname = 'freehold_relay')
        union all
        select 'schema', quote_ident(s.nspname), lower(a.privilege_type), ''
          from schemas s cross join lateral aclexplode(s.nspacl) a
         where a.grantee = (select oid from pg_roles where rolname = 'freehold_relay')
           and (s.nspname <> 'app' or a.privilege_type <> 'USAGE')
        union all
        select 'database', quote_ident(d.datname), lower(a.privilege_type), ''
          from pg_database d cross join lateral aclexplode(d.datacl) a
         where d.datname = current_database() and a.grantee = (select oid from pg_roles where rolname = 'freehold_relay')) given
