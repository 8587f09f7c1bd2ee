-- says: {object} says that it holds nobody's rows, and has a column {column}.
-- fix: Run: comment on table {object} is null;
--   And go on as for any tenant table; or take the column away, if the comment is right.
select t.name as object, quote_ident(a.attname) as column
  from global_tables t
  join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and lower(a.attname) = 'tenant_id'
