-- A name is unique among all tenants: whoever takes one learns that somebody has it.
-- focus: app.api_keys

create unique index api_keys_name on app.api_keys (name);
