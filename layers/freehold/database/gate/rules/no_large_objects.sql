-- says: Large object {object} belongs to no tenant: any request can read it.
-- fix: Run: select lo_unlink({object});
--   Keep bytes in a column of a tenant table.
select oid::text as object from pg_largeobject_metadata
