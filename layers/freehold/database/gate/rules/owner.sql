-- says: {object} belongs to {owner}, whom nothing binds to the owner role's rules.
-- fix: Run: alter {kind} {object} owner to freehold_owner;
select r.name as object, quote_ident(o.rolname) as owner,
       case r.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view'
            when 'f' then 'foreign table' else 'table' end as kind
  from relations r join pg_roles o on o.oid = r.relowner where o.rolname <> 'freehold_owner' and not r.of_extension
