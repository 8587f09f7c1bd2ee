-- says: {object} can log in: whoever owns what others use is nobody.
-- fix: Run: alter role {object} nologin;
-- The relay's exception is for a name: a role that took it over and logged in would have it.
select quote_ident(rolname) as object from pg_roles
 where rolcanlogin and rolname in ('freehold_owner', 'freehold_door', 'freehold_registrar', 'freehold_auditor', 'freehold_relay')
