-- says: {named} is a trigger that a foreign key's own change fires: it then runs as the table's owner, whom no policy binds.
-- fix: Run: drop trigger {trigger} on {table};
--   Have it fire after the change, as the caller; or look at it and at what it calls, then put into reviewed.toml:
--   object = {line}
-- PostgreSQL cascades, sets null and sets defaults without row-level security. A trigger before each row is a part of that,
-- one after it is not.
select fired.object, fired.named, fired.trigger, fired.table, to_json(fired.object)::text as line
  from (select distinct format('%s (%I) @ %s', t.name, g.tgname, right(f.version, 12)) as object,
               format('%s (%I)', t.name, g.tgname) as named, quote_ident(g.tgname) as trigger, t.name as table
          from tables t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
          join functions f on f.oid = g.tgfoid
          join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and (g.tgparentid = 0 or k.conparentid = 0)
         -- The bits of tgtype: 1 is for each row, 2 before, 8 delete, 16 update.
         where g.tgtype & 3 = 3
           and (g.tgtype & 8 <> 0 and k.confdeltype = 'c'
                or g.tgtype & 16 <> 0 and (k.confdeltype in ('n', 'd') or k.confupdtype in ('c', 'n', 'd')))) fired
