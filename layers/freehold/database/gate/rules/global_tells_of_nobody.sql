-- says: {object} is of a table of nobody's rows, which {roles} may read, and looks as if it told of a tenant: {why}.
-- fix: Run: revoke select on {table} from {roles};
--   Or make it a tenant table; or have the column reviewed.
select format('%s.%I', t.name, a.attname) as object, t.name as table, string_agg(distinct g.role, ', ') as roles,
       min(case when type.name in ('uuid', 'uuid[]', 'json', 'jsonb') then 'its type is ' || type.name else 'its name' end) as why
  from global_tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_type y on y.oid = a.atttypid
  cross join lateral (select format_type(coalesce(nullif(y.typbasetype, 0), y.oid), null) as name) type
  join grants g on g.oid = t.oid and g.privilege = 'select' and (g.attname is null or g.attname = a.attname)
 where type.name in ('uuid', 'uuid[]', 'json', 'jsonb') or a.attname ~* 'tenant|customer|account|workspace|organi[sz]ation'
 group by t.name, a.attname
