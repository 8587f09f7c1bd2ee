-- says: {object} is a constraint that was never validated.
-- fix: Run: {validation}
--   What begins with call goes into a step by itself.
-- settled: it is added first and validated by a later migration, so that writers need not wait.
-- What a backfill that was killed leaves behind is no constraint of anybody's. A foreign key is validated as the owner sees
-- the rows, which are none of an identity's, and one tenant's at most.
select format('%s (%I)', t.name, k.conname) as object,
       case when k.contype = 'c' and k.conname = 'backfill_proof' then format('call app.forget_proof(%L);', t.name)
            when k.contype = 'f' and t.holder = 'tenant' then format('call app.validate_reference(%L, %L);', t.name, k.conname)
            else concat_ws(' ', hidden.opened, format('alter table %s validate constraint %I;', t.name, k.conname), hidden.closed)
       end as validation
  from tables t join pg_constraint k on k.conrelid = t.oid
  cross join lateral (
    select string_agg(format('alter table %s no force row level security;', r.name), ' ' order by r.name) as opened,
           string_agg(format('alter table %s force row level security;', r.name), ' ' order by r.name) as closed
      from tables r where k.contype = 'f' and r.oid in (k.conrelid, k.confrelid) and r.relforcerowsecurity
  ) hidden
 where k.conenforced and not k.convalidated
