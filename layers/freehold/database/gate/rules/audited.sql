-- says: {object} is neither audited nor says why not.
-- fix: Run: {template}
--   Or, for a machine's table: call app.tenant_table({literal}, unaudited => 'why');
select t.name as object, quote_literal(t.name) as literal,
       coalesce(t.template, format(
           'drop trigger if exists audit on %1$s; create trigger audit after insert or update or delete on %1$s'
           ' for each row execute function app.audit_row(%2$s);', t.name,
           (select string_agg(quote_literal(a.attname), ', ' order by a.attnum) from pg_attribute a
             where a.attrelid = t.oid and a.attnum > 0 and col_description(t.oid, a.attnum) in ('secret', 'personal')))) as template
  from tenant_tables t
 where not t.unaudited
   and not exists (select from pg_trigger g
                    where g.tgrelid = t.oid and g.tgfoid = (select f.oid from functions f where f.name = 'app.audit_row()') and g.tgtype = 29
                      and g.tgqual is null and g.tgattr = '' and g.tgenabled in ('O', 'A'))
