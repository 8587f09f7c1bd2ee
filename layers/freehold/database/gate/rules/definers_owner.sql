-- says: {object} runs with the rights of {owner}, who {power}.
-- fix: Run: alter routine {object} owner to freehold_door;
--   Or to another role that neither logs in nor owns a table.
select f.name as object, quote_ident(o.rolname) as owner,
       case when o.rolsuper then 'is a superuser' when o.rolbypassrls then 'bypasses row-level security'
            when o.rolcanlogin then 'logs in' else 'owns tables' end as power
  from functions f join pg_roles o on o.oid = f.proowner
 where f.prosecdef
   and (o.rolsuper or o.rolbypassrls or o.rolcanlogin or o.oid in (select relowner from tables))
