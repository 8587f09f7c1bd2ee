-- says: {object} is open to everybody for {privileges}.
-- fix: Run: revoke all on {kind} {object} from public;
select g.name as object, string_agg(distinct g.privilege, ', ') as privileges,
       case g.relkind when 'S' then 'sequence' else 'table' end as kind
  from grants g join relations r on r.oid = g.oid
 where g.grantee = 0 and not r.of_extension group by g.name, g.relkind
union all
select quote_ident(s.nspname), string_agg(lower(a.privilege_type), ', '), 'schema'
  from schemas s, aclexplode(s.nspacl) a where a.grantee = 0 group by s.nspname
