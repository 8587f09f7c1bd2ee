-- says: {object} is a trigger that may copy rows of one tenant into {written}, which holds the same rows for every tenant.
-- fix: Run: drop trigger {trigger} on {table};
-- Requests may not write there, but a trigger on the rows that a cascade deletes runs as the owner, who may.
select format('%s (%I)', t.name, g.tgname) as object, t.name as table, quote_ident(g.tgname) as trigger, min(n.name) as written
  from tables t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal and g.tgparentid = 0
  join functions f on f.oid = g.tgfoid
  join (select name, lower(regexp_replace(name, '[\s"]', '', 'g')) as squeezed from global_tables) n
    on exists (select from unnest(array['insertinto', 'update', 'updateonly', 'mergeinto']) verb
                where position(verb || n.squeezed in f.text) > 0)
 where t.holder <> 'global' group by t.name, g.tgname
