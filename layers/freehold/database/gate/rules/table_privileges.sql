-- says: {table} can be used by {role} for {privilege}, which row-level security does not bind.
-- fix: Run: revoke {privilege}{columns} on {table} from {role};
select format('%s (%s, %s)', g.name, g.role, g.privilege) as object, g.name as table, g.role, g.privilege,
       coalesce('(' || string_agg(quote_ident(g.attname), ', ' order by g.attname) || ')', '') as columns
  from grants g
 where g.relkind <> 'S' and g.privilege not in ('select', 'insert', 'update', 'delete')
 group by g.name, g.role, g.privilege, g.attname is null
