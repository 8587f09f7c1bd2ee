-- says: {object} has no foreign key from tenant_id to {registry}.
-- fix: Run: {reference}
--   Or, in its create table: tenant_id uuid not null default current_setting('app.tenant_id')::uuid references {registry}
--   on delete cascade.
-- Validated at once, PostgreSQL would look for the tenants as the owner, who sees one tenant at most; and of an identity's
-- rows none, wherever it looks. So these are shown to it while it does, behind the lock that makes everybody wait.
select t.name as object, t.registry,
       format(case t.holder when 'tenant'
                   then 'alter table %1$s add constraint %3$I foreign key (tenant_id) references %2$s on delete cascade not valid;'
                        ' Then, in a step by itself: call app.validate_reference(%1$L, %3$L);'
                   else 'alter table %1$s no force row level security; alter table %2$s no force row level security;'
                        ' alter table %1$s add constraint %3$I foreign key (tenant_id) references %2$s on delete cascade;'
                        ' alter table %1$s force row level security; alter table %2$s force row level security;' end,
              t.name, t.registry, t.relname || '_tenant') as reference
  from tables t
 where t.holder <> 'global' and not t.is_root and t.key_number is not null
   and not exists (select from pg_constraint k
                    where k.conrelid = t.oid and k.contype = 'f' and k.conkey = array[t.key_number]
                      and k.confrelid = (select r.oid from tables r where r.name = t.registry) and k.conenforced)
