-- says: {object} is secret, and the audit trail would show it.
-- fix: Run: drop trigger {trigger} on {table}; create trigger {trigger} after insert or update or delete on {table}
--   for each row execute function app.audit_row({secrets});
select format('%s.%I', t.name, a.attname) as object, t.name as table, quote_ident(g.tgname) as trigger,
       (select string_agg(quote_literal(s.attname), ', ' order by s.attnum) from pg_attribute s
         where s.attrelid = t.oid and s.attnum > 0 and col_description(t.oid, s.attnum) in ('secret', 'personal')) as secrets
  from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and col_description(t.oid, a.attnum) = 'secret'
  join pg_trigger g on g.tgrelid = t.oid and g.tgfoid = (select f.oid from functions f where f.name = 'app.audit_row()') and g.tgparentid = 0
 where encode(convert_to(a.attname, 'UTF8'), 'escape') <> all (string_to_array(encode(g.tgargs, 'escape'), '\000'))
