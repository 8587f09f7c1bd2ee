-- says: {object} is a foreign key that does not begin with the tenant: it can refer to another tenant's row.
-- fix: Run: alter table {table} drop constraint {constraint};
--   Then add: foreign key ({key}, …) references {referred} ({referred_key}, …).
select format('%s (%I)', f.name, f.conname) as object, f.name as table, quote_ident(f.conname) as constraint, f.key,
       f.referred_name as referred, f.referred_key_name as referred_key
  from references_ f
 where f.holder <> 'global' and f.referred_holder = 'tenant'
   and (f.conkey[1], f.confkey[1]) is distinct from (f.key_number, f.referred_key)
