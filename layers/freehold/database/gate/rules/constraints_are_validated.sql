-- says: {object} is a constraint that was never validated.
-- fix: Run: {validation}
-- settled: it is added first and validated by a later migration, so that writers need not wait.
select format('%s (%I)', t.name, k.conname) as object,
       case when k.contype = 'f' and t.holder = 'tenant' then format('call app.validate_reference(%L, %L);', t.name, k.conname)
            else format('alter table %s validate constraint %I;', t.name, k.conname) end as validation
  from tables t join pg_constraint k on k.conrelid = t.oid where k.conenforced and not k.convalidated
