-- says: {object} is a foreign key that does not begin with the tenant: it can refer to another tenant's row.
-- fix: Run: alter table {table} drop constraint {constraint};
--   {instead}
select format('%s (%I)', f.name, f.conname) as object, f.name as table, quote_ident(f.conname) as constraint,
       case when f.to_registry then format('Whose a row is says its %s, and no other column.', f.key)
            else format('Then add: foreign key (%s, …) references %s (%s, …).', f.key, f.referred_name, f.referred_key_name)
       end as instead
  from references_ f
 where f.holder <> 'global' and f.referred_holder = 'tenant'
   and not f.carries
