-- says: {object} is an index that does not begin with {key}: under row-level security it is slow or of no use.
-- fix: Run: drop index {index}; create index on {table} ({columns});
select format('%s (%s)', i.name, split_part(i.index, '.', 2)) as object, i.key, i.index, i.name as table,
       concat_ws(', ', i.key, i.others) as columns
  from indexes i
 where i.holder = 'tenant' and not i.indisunique and not i.indisexclusion and i.first is distinct from i.key_number
