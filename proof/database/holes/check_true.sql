-- WITH CHECK (true): rows of one tenant can be written for another.
-- focus: app.api_keys

alter policy tenant on app.api_keys with check (true);
