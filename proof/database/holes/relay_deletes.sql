-- The relay may delete events, of whatever tenant.
-- focus: app.outbox

grant delete on app.outbox to freehold_relay;
