-- says: {object} is a policy that asks who {asks} is: the relay's exception, as app.cross writes it, is the only one.
-- fix: Run: drop policy {policy} on {table};
--   On a table that app.tenant_table was called for with unaudited, of schema app: call app.cross({literal}, …).
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table,
       quote_literal(p.name) as literal,
       coalesce(substring(concat_ws(' ', p.visible, p.checked) from '\m(CURRENT_ROLE|CURRENT_USER|SESSION_USER|USER)\M'),
                'the caller') as asks
  from policies p
 -- 19 is the type of names.
 where not p.crosses
   and (p.tree ~ '\{SQLVALUEFUNCTION :op \d+ :type 19 '
        or exists (select from regexp_matches(p.tree, ':funcid (\d+)', 'g') called join pg_proc f on f.oid = called[1]::oid
                    where f.proname ~ '^(pg_has_role|has_\w+_privilege|getpgusername|current_user|session_user)$'))
