-- says: {caller} calls {signature} with its owner's rights, and that was not reviewed as it is now.
-- fix: Look at it (select pg_get_functiondef({literal}::regprocedure)), then put into reviewed.toml: object = {line}
select f.version as object, f.name as signature, quote_literal(f.name) as literal, to_json(f.version)::text as line,
       min(b.caller) as caller
  from functions f join borrowing b on b.oid = f.oid where not f.prosecdef group by f.version, f.name
