-- Workers may call what only the clock may.
-- focus: functions

grant execute on function app.relay to freehold_worker;
