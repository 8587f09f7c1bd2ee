-- says: {object}.tenant_id defaults to {found}, not to the tenant of the unit of work.
-- fix: Run: alter table {object} alter column tenant_id set default current_setting('app.tenant_id')::uuid;
select t.name as object,
       case when a.attgenerated <> '' then 'a generated value' when a.attidentity <> '' then 'a sequence'
            else pg_get_expr(d.adbin, t.oid) end as found
  from tenant_tables t join pg_attribute a on a.attrelid = t.oid and a.attnum = t.key_number
  left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
 where not t.is_root
   and (a.attgenerated <> '' or a.attidentity <> ''
        or pg_get_expr(d.adbin, t.oid) <> '(current_setting(''app.tenant_id''::text))::uuid')
