-- says: {object} is a view that reads with its owner's rights.
-- fix: Run: alter view {object} set (security_invoker = true);
select r.name as object
  from relations r
 where r.relkind = 'v' and not r.of_extension
   and not coalesce((select option_value::boolean from pg_options_to_table(r.reloptions)
                      where option_name = 'security_invoker'), false)
