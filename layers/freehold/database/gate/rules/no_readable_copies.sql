-- says: {object} is a materialized view, which no policy covers, and {roles} may read it.
-- fix: Run: revoke all on {object} from {roles};
select g.name as object, string_agg(distinct g.role, ', ') as roles
  from grants g where g.relkind = 'm' group by g.name
