-- says: {object} has no restrictive policy that binds every role to the tenant of the unit of work.
-- fix: Run: {template}
select t.name as object,
       coalesce(t.template, format(
           'drop policy if exists tenant on %1$s; create policy tenant on %1$s as restrictive'
           ' using (%2$s = current_setting(''app.tenant_id'')::uuid) with check (%2$s = current_setting(''app.tenant_id'')::uuid);',
           t.name, t.key)) as template
  from tenant_tables t where not exists (select from policies p where p.oid = t.oid and p.binds)
