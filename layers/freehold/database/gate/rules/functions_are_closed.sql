-- says: {object} may be executed by everybody.
-- fix: Run: revoke execute on routine {object} from public;
select f.name as object
  from functions f
 where exists (select from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a where a.grantee = 0)
   and (f.prosecdef or not f.of_extension)
