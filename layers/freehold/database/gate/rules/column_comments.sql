-- says: {object} has the comment {found}; a column's is personal, secret, or there is none.
-- fix: Run: comment on column {object} is null;
--   Or one of the two words, and nothing else.
select format('%s.%I', t.name, a.attname) as object, quote_literal(col_description(t.oid, a.attnum)) as found
  from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
 where t.holder <> 'global' and col_description(t.oid, a.attnum) not in ('personal', 'secret')
