-- says: {object} is audited and has no column id of type uuid, by which the audit trail names its rows.
-- fix: Run: {uuid_column}
--   Or say why its changes are not recorded: call app.tenant_table({literal}, unaudited => 'why');
select t.name as object, quote_literal(t.name) as literal,
       case when a.attname is null then format('alter table %s add column id uuid not null default uuidv7();', t.name)
            else format('alter table %1$s alter column id drop identity if exists, alter column id drop default;'
                        ' alter table %1$s alter column id type uuid using uuidv7(), alter column id set default uuidv7();',
                        t.name) end as uuid_column
  from tenant_tables t
  left join pg_attribute a on a.attrelid = t.oid and a.attname = 'id' and not a.attisdropped
 where not t.unaudited and a.atttypid is distinct from 'uuid'::regtype
