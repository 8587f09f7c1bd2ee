-- What code of the version before 0050 handed jobs over by.

drop function app.dispatch(text, integer);
