-- says: {role} can become {reached}, {how}.
-- fix: Run: revoke {through} from {role};
-- Every membership counts, whatever its options: who may give a role to others gives it to itself.
with recursive reach (role, through, reached) as (
    select m.member, m.roleid, m.roleid from pg_auth_members m
     where m.member in (select oid from runtime)
        or m.member in (select oid from pg_roles where rolname in ('freehold_owner', 'freehold_migrator'))
    union
    select reach.role, reach.through, m.roleid from reach join pg_auth_members m on m.member = reach.reached
)
select distinct on (w.rolname, t.rolname) format('%I (%I)', w.rolname, t.rolname) as object, quote_ident(w.rolname) as role,
       quote_ident(t.rolname) as reached, quote_ident(pg_get_userbyid(reach.through)) as through,
       case when t.oid in (select oid from clusters) then 'a role with powers over every table or session'
            when t.rolsuper or t.rolbypassrls or t.rolcreaterole then 'who is above the rules'
            else 'who owns what others use' end as how
  from reach join pg_roles w on w.oid = reach.role join pg_roles t on t.oid = reach.reached
 where t.rolsuper or t.rolbypassrls or t.rolcreaterole
    -- Signing in by token or by password is no power.
    or t.oid in (select oid from trusted) and t.rolname not in ('rds_iam', 'rds_password', 'freehold_owner')
    or t.oid in (select oid from owners) and w.rolname <> 'freehold_migrator'
 order by w.rolname, t.rolname, reach.through
