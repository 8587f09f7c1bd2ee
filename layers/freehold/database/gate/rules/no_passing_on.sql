-- says: {table} was given to {role} with the right to give it on.
-- fix: Run: revoke grant option for {privilege} on {table} from {role};
select format('%s (%s, %s)', g.name, g.role, g.privilege) as object, g.name as table, g.role,
       g.privilege || coalesce(' (' || string_agg(quote_ident(g.attname), ', ') || ')', '') as privilege
  from grants g where g.is_grantable group by g.name, g.role, g.privilege, g.attname is null
