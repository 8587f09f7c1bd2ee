-- says: {signature} runs with its owner's rights, and it was not reviewed as it is now.
-- fix: Run: alter routine {signature} security invoker;
--   Or look at it (select pg_get_functiondef({literal}::regprocedure)), then put into reviewed.toml: object = {line}
select f.version as object, f.name as signature, quote_literal(f.name) as literal, to_json(f.version)::text as line
  from functions f where f.prosecdef
