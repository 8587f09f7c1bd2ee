-- says: {object} is older than {needed}, and known to let rows or memory be read that it should hide.
-- fix: Upgrade the server.
select 'PostgreSQL ' || current_setting('server_version') as object, format('%s.%s', least.major, least.minor) as needed
  -- CVE-2024-10976 and CVE-2025-8713 read rows that a policy hides; both were mended before 18.0. CVE-2026-6473, an
  -- overflow that any statement could cause, was mended in 18.4.
  from (values (18, 4)) least (major, minor)
 where current_setting('server_version_num')::integer < least.major * 10000 + least.minor
