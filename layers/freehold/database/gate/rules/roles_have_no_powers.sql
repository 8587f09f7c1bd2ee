-- says: {object} is a role with {powers}.
-- fix: Run: alter role {object} nosuperuser nobypassrls nocreaterole nocreatedb noreplication;
select quote_ident(r.rolname) as object,
       concat_ws(', ', case when r.rolsuper then 'superuser' end, case when r.rolbypassrls then 'bypassrls' end,
                 case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
                 case when r.rolreplication then 'replication' end) as powers
  from pg_roles r
 where (r.rolname in ('freehold_owner', 'freehold_migrator') or r.oid in (select oid from runtime))
   and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication)
