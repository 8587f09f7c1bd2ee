-- says: {object} is a policy that calls {function}, which is {volatility}.
-- fix: Run: drop policy {policy} on {table};
--   Compare with current_setting('app.…') itself: an immutable function stays in kept plans with one tenant's answer, a
--   volatile one runs for each row.
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table,
       min(f.oid::regprocedure::text) as function,
       min(case f.provolatile when 'v' then 'volatile' else 'declared immutable' end) as volatility
  from policies p cross join lateral regexp_matches(p.tree, ':(?:op)?funcid (\d+)', 'g') called
  join pg_proc f on f.oid = called[1]::oid
 where f.provolatile = 'v' or f.provolatile = 'i' and f.pronamespace <> 'pg_catalog'::regnamespace
 group by p.name, p.polname
