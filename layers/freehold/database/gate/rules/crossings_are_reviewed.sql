-- says: {object} lets the relay see the rows of every tenant, and that was not reviewed.
-- fix: Run: {template}
--   Or look at it, then put into reviewed.toml why the relay has to.
-- A part of what was reviewed is reviewed; one that crosses by itself is not.
select t.name as object, format('alter policy tenant on %1$s using (%2$s = current_setting(''app.tenant_id'')::uuid)'
                                ' with check (%2$s = current_setting(''app.tenant_id'')::uuid);', t.name, t.key) as template
  from tenant_tables t join policies p on p.oid = t.oid and p.crosses
 where not exists (select from family f join policies a on a.oid = f.ancestor and a.crosses
                    where f.member = t.oid and f.ancestor <> t.oid)
