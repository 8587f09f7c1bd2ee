-- says: {signature} {what}, which outlives the transaction or speaks past it: the next one may be another tenant's.
-- fix: Run: drop routine {signature} cascade;
--   Or look at it (select pg_get_functiondef({literal}::regprocedure)), then put into reviewed.toml: object = {line}
select f.version as object, f.name as signature, quote_literal(f.name) as literal, to_json(f.version)::text as line,
       min(found.what) as what
  from functions f
  cross join lateral (
    select 'changes a setting for the session'
      from string_to_table(f.text, 'set_config(') with ordinality call (rest, place)
     where place > 1 and rest !~ ',(is_local(=>|:=))?true\)'
    union all
    select pattern.what
      from (values ('changes a setting for the session',
                    '(^|;|\m(begin|then|else|loop)\M)\s*set\s+(?!local\M|transaction\M|constraints\M)'
                    '|''\s*set\s+(session\M|role\s+(?!=))'),
                   ('changes the role', '(^|[;'']|\m(begin|then|else|loop)\M)\s*(set\s+local\s+role\M|reset\s+(role|session)\M)'),
                   ('keeps a cursor open', '\mwith\s+hold\M'),
                   ('signals other sessions', '(^|[;'']|\m(begin|then|else|loop)\M)\s*(un)?(listen|notify)\s+\S|\mpg_notify\s*\('),
                   ('takes a lock of the session', '\mpg_(try_)?advisory_(un)?lock'),
                   ('uses large objects',
                    '\m(lo_(close|creat|create|export|from_bytea|get|import|lseek|lseek64|open|put|tell|tell64|truncate|truncate64'
                    '|unlink)|loread|lowrite)\s*\(')) pattern (what, regex)
     where f.body ~* pattern.regex
  ) found (what)
 where not f.of_extension
 group by f.version, f.name
