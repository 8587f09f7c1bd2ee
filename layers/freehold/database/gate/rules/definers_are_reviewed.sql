-- says: {object} runs with its owner's rights and was not reviewed.
-- fix: Run: alter routine {object} security invoker;
--   Or have it reviewed.
select f.name as object from functions f where f.prosecdef
