-- says: {object} is a publication: whoever subscribes gets every tenant's rows.
-- fix: Run: drop publication {object};
--   Or have it reviewed.
select quote_ident(pubname) as object from pg_publication
