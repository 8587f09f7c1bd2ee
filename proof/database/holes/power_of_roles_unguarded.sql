-- Roles are not held to the rule that nobody gives what they do not hold.
-- focus: door

drop trigger guard_power on app.roles;
