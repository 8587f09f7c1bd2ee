-- says: {object} is a policy that uses {used}, which may see a row before the other policies hide it.
-- fix: Run: drop policy {policy} on {table};
--   Compare with PostgreSQL's own operators and current_setting('app.…').
-- Policies are asked in the order of their names, so that a rename is enough to let one look at every tenant's rows. An
-- operator is a function too, and a domain may have one in its check. What PostgreSQL brings along leaves no mark in pg_depend.
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table,
       min(pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)) as used
  from policies p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.policy
 where d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
    or d.refclassid = 'pg_type'::regclass and (select typtype from pg_type where oid = d.refobjid) = 'd'
 group by p.name, p.polname
