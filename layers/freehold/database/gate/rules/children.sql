-- says: {object} says {holder} and is a part of a table whose rows are {ancestors_holder}.
-- fix: Run: comment on table {object} is null;
select t.name as object, t.holder, t.ancestors_holder
  from tables t where t.child and t.holder <> t.ancestors_holder
