-- says: {object} changes settings and is no reviewed entrance: it could move the unit of work into another tenant.
-- fix: Run: {removal}
--   Or have it done by an entrance.
-- Where no request comes there is nothing to move: a procedure of migrations may.
select f.name as object, format('drop routine %s cascade;', f.name) as removal
  from functions f
 where (position('set_config(' in f.text) > 0 or f.body ~* '\m(re)?set\s+(local\s+|session\s+)?"?(app\.|all\M)')
   and not f.of_extension and f.oid not in (select oid from borrowing)
   and (exists (select from pg_trigger g where g.tgfoid = f.oid)
        or exists (select from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
                    where a.grantee = 0 or a.grantee in (select oid from runtime)))
union all
select expression.object, expression.removal
  from (select format('%s.%I', r.name, a.attname), format('alter table %s alter column %I drop default;', r.name, a.attname),
               d.adbin::text
          from pg_attrdef d join relations r on r.oid = d.adrelid
          join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
        union all
        select format('%s (%I)', r.name, k.conname), format('alter table %s drop constraint %I;', r.name, k.conname), k.conbin::text
          from pg_constraint k join relations r on r.oid = k.conrelid where k.contype = 'c'
        union all
        select format('%s (%I)', r.name, g.tgname), format('drop trigger %I on %s;', g.tgname, r.name), g.tgqual::text
          from pg_trigger g join relations r on r.oid = g.tgrelid
        union all
        select r.name, format('drop view %s cascade;', r.name), w.ev_action::text
          from pg_rewrite w join relations r on r.oid = w.ev_class where r.relkind = 'v' and not r.of_extension offset 0
       ) expression (object, removal, tree)
 where expression.tree ~ format(':funcid %s ', 'set_config(text, text, boolean)'::regprocedure::oid)
