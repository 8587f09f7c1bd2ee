-- says: {table} lets {role} change {column}, and so move a row to another tenant or give it another id.
-- fix: Run: revoke update{columns} on {table} from {role};
--   And name what it may change: call app.allow({literal}, {role_literal}, 'update (…)');
select distinct on (g.name, g.role) format('%s (%s)', g.name, g.role) as object, g.name as table, g.role,
       quote_literal(g.name) as literal, quote_literal(g.role) as role_literal,
       coalesce(g.attname, t.key) as column, coalesce(' (' || quote_ident(g.attname) || ')', '') as columns
  from grants g join tables t on t.oid = g.oid
 where g.privilege = 'update' and t.holder <> 'global' and (g.attname is null or g.attname in ('tenant_id', 'id', t.key))
 order by g.name, g.role, g.attname nulls first
