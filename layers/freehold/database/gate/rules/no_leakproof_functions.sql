-- says: {object} is declared leakproof: it would see rows before a policy hides them.
-- fix: Run: alter function {object} not leakproof;
--   Only a superuser can.
select f.name as object from functions f where f.proleakproof
