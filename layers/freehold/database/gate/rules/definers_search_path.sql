-- says: {object} runs with its owner's rights, and its caller's search path decides what its names mean.
-- fix: Run: alter routine {object} set search_path = pg_catalog, pg_temp;
select f.name as object
  from functions f
 where f.prosecdef and not exists (select from unnest(f.proconfig) as setting
                                    where setting ~ '^search_path=pg_catalog(, [^,]+)*, pg_temp$')
