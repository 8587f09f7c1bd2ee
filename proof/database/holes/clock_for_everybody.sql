-- Workers may call what only the clock may.
-- focus: app.api_keys

grant execute on function app.relay to freehold_worker;
