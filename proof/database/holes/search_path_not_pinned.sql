-- An entrance finds its tables wherever the caller says.
-- focus: gate

alter function app.enter reset search_path;
