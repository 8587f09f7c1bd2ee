-- says: {table} was given to {role} for {privileges}, and no policy of that role shows it a row there.
-- fix: Run: {kept}
select format('%s (%s)', g.name, g.role) as object, g.name as table, g.role, string_agg(distinct g.privilege, ', ') as privileges,
       format('call app.allow(%L, %L, %s);', g.name, pg_get_userbyid(g.grantee),
              string_agg(distinct quote_literal(g.allowed), ', ')) as kept
  from (select oid, name, role, grantee, privilege,
               privilege || coalesce(' (' || string_agg(quote_ident(attname), ', ' order by attname) || ')', '') as allowed
          from grants where grantee <> 0 and privilege in ('select', 'insert', 'update', 'delete')
         group by oid, name, role, grantee, privilege, attname is null) g
  join tables t on t.oid = g.oid and t.holder <> 'global'
 where not exists (select from pg_policy p
                    where p.polrelid = g.oid and p.polpermissive and (p.polroles = '{0}' or g.grantee = any (p.polroles))
                      and p.polcmd in ('*', case g.privilege when 'select' then 'r' when 'insert' then 'a' when 'update' then 'w'
                                                             else 'd' end))
 group by g.name, g.role, g.grantee
