-- says: {role} is a member of {other}: each of our roles may do what its own kind of work needs, and nothing else.
-- fix: Run: revoke {other} from {role};
-- Every membership counts, whatever its options.
select format('%s (%s)', member.name, other.name) as object, member.name as role, other.name as other
  from pg_auth_members m join roles member on member.oid = m.member join roles other on other.oid = m.roleid
 where member.rolname ~ '^freehold_'
