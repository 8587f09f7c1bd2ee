-- says: {object} is an event trigger: it runs within whatever a migration does.
-- fix: Run: drop event trigger {object};
select quote_ident(e.evtname) as object
  from pg_event_trigger e join pg_roles o on o.oid = e.evtowner where o.rolname <> 'rdsadmin'
