-- says: {object} is declared immutable and {what}: its answer for one tenant would be kept for the next.
-- fix: Run: alter function {object} stable;
select f.name as object,
       case when f.body ~* 'current_setting|current_user|session_user' then 'reads settings'
            when f.body ~* '\mexecute\M' then 'executes text'
            when f.lanname in ('c', 'internal') then 'is not SQL'
            else 'reads tables or calls a function that may' end as what
  from functions f
 where f.provolatile = 'i' and not f.of_extension
   and (f.body ~* 'current_setting|current_user|session_user|\mexecute\M' or f.lanname in ('c', 'internal')
        or exists (select from relations r where position(lower(replace(r.name, '"', '')) in lower(replace(f.body, '"', ''))) > 0)
        or exists (select from functions g where g.provolatile <> 'i' and not g.of_extension
                      and position(lower(replace(g.bare_name, '"', '')) || '(' in lower(replace(f.body, '"', ''))) > 0))
