-- An entrance finds its tables wherever the caller says.
-- focus: app.api_keys

alter function app.enter reset search_path;
