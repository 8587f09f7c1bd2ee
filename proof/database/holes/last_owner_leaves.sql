-- A tenant can lose its last owner.
-- focus: door

drop trigger keep_owner on app.members;
