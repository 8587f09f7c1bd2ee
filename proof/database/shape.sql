-- Every relation outside PostgreSQL's own schemas, with its columns, constraints and unique keys, as one JSON array;
-- parents before their partitions.
select coalesce(json_agg(r order by r.depth, r.name), '[]') from (
    select c.oid::int8, format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind,
           coalesce(obj_description(c.oid, 'pg_class'), '') as comment,
           pg_get_expr(c.relpartbound, c.oid) as bound,
           exists (select from pg_policy where polrelid = c.oid and not polpermissive
                      and polname not in ('tenant', 'tenant_entered', 'identity')) as has_more_policies,
           (select count(*) from pg_partition_ancestors(c.oid)) as depth,
           exists (select from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid
                     and a.attnum = any (k.conkey)
                    where k.contype = 'f' and k.confrelid = c.oid and a.attname = 'tenant_id'
                      and cardinality(k.conkey) = 1) as is_tenant,
           array(select attname from pg_partitioned_table p, unnest(p.partattrs::int2[]) with ordinality u(num, place)
                   join pg_attribute a on a.attnum = u.num
                  where p.partrelid in (c.oid, (select inhparent from pg_inherits where inhrelid = c.oid))
                    and a.attrelid = p.partrelid order by place) as partitioned_by,
           (select coalesce(json_agg(json_build_object(
                       'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                       'base', format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null),
                       'is_array', t.typcategory = 'A',
                       'element', format_type(coalesce(e.oid, t.oid), null),
                       'labels', array(select enumlabel from pg_enum where enumtypid = coalesce(e.oid, t.oid)
                                        order by enumsortorder),
                       'length', case when a.atttypid in ('varchar'::regtype, 'bpchar'::regtype) and a.atttypmod > 0
                                      then a.atttypmod - 4
                                      when a.atttypid in ('bit'::regtype, 'varbit'::regtype) and a.atttypmod > 0
                                      then a.atttypmod end,
                       'required', a.attnotnull, 'has_default', a.atthasdef or a.attidentity <> '',
                       'computed', a.attgenerated <> '' or a.attidentity = 'a') order by a.attnum), '[]')
              from pg_attribute a join pg_type t on t.oid = a.atttypid
              left join pg_type e on e.oid = nullif(t.typelem, 0) and t.typcategory = 'A'
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           (select coalesce(json_agg(json_build_object(
                       'name', k.conname, 'kind', k.contype, 'says', pg_get_constraintdef(k.oid),
                       'columns', array(select attname from unnest(k.conkey) with ordinality u(num, place)
                                          join pg_attribute on attrelid = c.oid and attnum = u.num order by place),
                       'target', k.confrelid::int8,
                       'target_columns', array(select attname from unnest(k.confkey) with ordinality u(num, place)
                                          join pg_attribute on attrelid = k.confrelid and attnum = u.num
                                          order by place)) order by k.conname), '[]')
              from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'f', 'c', 'x')) as constraints,
           (select coalesce(json_agg(array(select attname from unnest(i.indkey::int2[]) with ordinality u(num, place)
                                          join pg_attribute on attrelid = c.oid and attnum = u.num order by place)
                                     ), '[]')
              from pg_index i where i.indrelid = c.oid and i.indisunique and i.indexprs is null) as unique_keys
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'f')
) r
