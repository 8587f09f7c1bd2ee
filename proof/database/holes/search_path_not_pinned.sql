-- An entrance finds its tables wherever the caller says.
-- focus: app.projects

alter function app.enter reset search_path;
