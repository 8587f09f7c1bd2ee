-- A role is a member of the owner's, and can become it.
-- focus: app.api_keys

grant freehold_owner to freehold_api with inherit true;

-- undo: roles are the whole cluster's
revoke freehold_owner from freehold_api;
