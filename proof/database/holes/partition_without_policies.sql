-- A partition was added that is no tenant table: whoever names it reads past its parent's policy.
-- focus: app.planted_far

create table app.planted_far partition of app.outbox
    for values from ('ffffffff-0000-7000-8000-000000000000') to ('ffffffff-ffff-7000-8000-000000000000');
grant select, insert on app.planted_far to freehold_api;
