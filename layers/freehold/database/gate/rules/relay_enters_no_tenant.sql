-- says: {object} looks across tenants without standing in none: it does not begin by setting app.tenant_id to nobody's, or sets something else.
-- fix: Run: drop routine {object} cascade;
--   Or have it begin with: perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
-- So that what the relay may not cross shows it nothing. It may do without where neither it nor what it calls names a
-- tenant's table, and no text is executed. A comment counts as code where it could hide a table, and not where it could pretend.
select f.name as object
  from functions f
  cross join lateral (
    select string_agg(b.text, ' ') as text from (select f.text union select b.text from borrowing b where b.caller = f.name) b
  ) reach
  cross join lateral (
    select lower(regexp_replace(regexp_replace(f.body, '--[^\n]*', '', 'g'), '[\s"]', '', 'g')) as text
  ) said
  cross join lateral (
    select 'set_config(''app.tenant_id'',''00000000-0000-0000-0000-000000000000'',true)' as nobody
  ) begins
 where f.prosecdef and f.proowner = (select oid from pg_roles where rolname = 'freehold_relay')
   and not (
     position('set_config(' in replace(reach.text, begins.nobody, '')) = 0
     and reach.text !~ 'setlocal' and position('/*' in f.body) = 0
     and 'search_path=pg_catalog, pg_temp' = any (f.proconfig)
     and (said.text ~ '^(declare[^$]*?begin|begin)?(perform|select)set_config\(''app\.tenant_id'',''0{8}-0{4}-0{4}-0{4}-0{12}'',true\)'
          or not exists (select from tables t where t.holder <> 'global'
                            and position(lower(regexp_replace(t.name, '[\s"]', '', 'g')) in reach.text) > 0)
             and position('execute' in reach.text) = 0))
