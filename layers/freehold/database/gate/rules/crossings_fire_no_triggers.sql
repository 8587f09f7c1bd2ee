-- says: {named} is a trigger on what the relay changes: it runs as the relay, who sees the rows of every tenant there.
-- fix: Run: drop trigger {trigger} on {table};
--   Or look at it and at what it calls, then put into reviewed.toml: object = {line}
select fired.object, fired.named, fired.trigger, fired.table, to_json(fired.object)::text as line
  from (select distinct format('%s (%I) @ %s', t.name, g.tgname, right(f.version, 12)) as object,
               format('%s (%I)', t.name, g.tgname) as named, quote_ident(g.tgname) as trigger, t.name as table
          from tables t join policies p on p.oid = t.oid and p.crosses
          join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal and g.tgparentid = 0
          join functions f on f.oid = g.tgfoid) fired
