-- The role of the clock may read a table that may be crossed, and its exception names it.
-- focus: app.outbox

alter policy tenant on app.outbox
    using (current_user in ('freehold_relay', 'freehold_system') or tenant_id = current_setting('app.tenant_id')::uuid)
    with check (current_user in ('freehold_relay', 'freehold_system') or tenant_id = current_setting('app.tenant_id')::uuid);
drop policy tenant_entered on app.outbox;
call app.allow('app.outbox', 'freehold_system', 'select');
