-- What is used is recorded beyond its limit.
-- focus: door

drop trigger limited on app.usage_hours;
