-- says: {object}.{key} may be null, or was never checked not to be.
-- fix: Run: alter table {object} alter column {key} set not null;
select t.name as object, t.key
  from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum = t.key_number
 where t.holder <> 'global'
   and (not a.attnotnull
        or exists (select from pg_constraint k where k.conrelid = t.oid and k.contype = 'n'
                      and k.conkey = array[t.key_number] and not k.convalidated))
