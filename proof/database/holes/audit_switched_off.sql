-- The trigger that records changes is off.
-- focus: gate

alter table app.api_keys disable trigger audit;
