-- A policy whose name sorts before the tenant's is computed for everybody's rows.
-- focus: gate

create policy a_first on app.api_keys as restrictive to freehold_api using (1 / version > 0 or created_at is null);
