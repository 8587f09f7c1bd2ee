-- says: {table} holds the same rows for every tenant, and {role} may {privilege} there.
-- fix: Run: revoke {privilege}{columns} on {table} from {role};
select format('%s (%s, %s)', g.name, g.role, g.privilege) as object, g.name as table, g.role, g.privilege,
       coalesce('(' || string_agg(quote_ident(g.attname), ', ' order by g.attname) || ')', '') as columns
  from grants g join global_tables t on t.oid = g.oid
 where g.privilege <> 'select'
 group by g.name, g.role, g.privilege, g.attname is null
