-- says: {object} is a key over all tenants: it does not begin with {key}, so that one tenant learns what another has.
-- fix: Run: {key_again}
select format('%s (%s)', i.name, split_part(i.index, '.', 2)) as object, i.key,
       case when i.indisprimary then format('alter table %s drop constraint %I, add primary key (%s);',
                                            i.name, i.conname, concat_ws(', ', i.key, i.others))
            when i.indisexclusion then format('alter table %s drop constraint %I; and add it with (%s with =, …) first.',
                                              i.name, i.conname, i.key)
            when i.conname is not null then format('alter table %s drop constraint %I, add unique (%s);',
                                                   i.name, i.conname, concat_ws(', ', i.key, i.others))
            else format('drop index %s; create unique index on %s (%s);', i.index, i.name, concat_ws(', ', i.key, i.others))
       end as key_again
  from indexes i
 where i.holder = 'tenant' and (i.indisunique or i.indisexclusion)
   and (i.first is distinct from i.key_number
        or i.indisexclusion and i.conexclop[1] <> '=(uuid, uuid)'::regoperator)
