-- says: {object} is a policy that converts {key} before comparing it: no index helps it.
-- fix: Run: drop policy {policy} on {table};
--   Convert the setting instead: {key} = current_setting('app.tenant_id')::uuid.
select format('%s (%I)', p.name, p.polname) as object, quote_ident(p.polname) as policy, p.name as table, p.key
  from policies p
 where position(format('(%s)::', p.key) in concat_ws(' ', p.visible, p.checked)) > 0 and p.holder <> 'global'
