-- says: {object} has no foreign key from tenant_id to {registry}.
-- fix: Run: alter table {object} add constraint {name} foreign key (tenant_id) references {registry} on delete cascade not valid;
--   call app.validate_reference({literal}, {name_literal});
--   Or, in its create table: tenant_id uuid not null default current_setting('app.tenant_id')::uuid references {registry}
--   on delete cascade.
-- Validated at once, PostgreSQL would look for the tenants as the owner, who sees one tenant at most.
select t.name as object, t.registry, quote_literal(t.name) as literal,
       quote_ident(t.relname || '_tenant') as name, quote_literal(t.relname || '_tenant') as name_literal
  from tables t
 where t.holder <> 'global' and not t.is_root and t.key_number is not null
   and not exists (select from pg_constraint k
                    where k.conrelid = t.oid and k.contype = 'f' and k.conkey = array[t.key_number]
                      and k.confrelid = (select r.oid from tables r where r.name = t.registry) and k.conenforced)
