-- Workers may read a partition that has no tenant policy of its own.
-- focus: app.inbox

drop policy tenant on app.inbox_default;
grant select on app.inbox_default to freehold_worker;
create policy freehold_worker on app.inbox_default to freehold_worker using (true);
