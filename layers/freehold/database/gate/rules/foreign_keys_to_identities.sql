-- says: {object} is a foreign key to {referred}, whose rows are an identity's: it tells who exists.
-- fix: Run: alter table {table} drop constraint {constraint};
select format('%s (%I)', f.name, f.conname) as object, f.name as table, quote_ident(f.conname) as constraint,
       f.referred_name as referred
  from references_ f where f.referred_holder = 'identity'
