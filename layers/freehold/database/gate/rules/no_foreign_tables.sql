-- says: {object} is a foreign table, which no policy covers.
-- fix: Run: drop foreign table {object};
select r.name as object from relations r where r.relkind = 'f'
