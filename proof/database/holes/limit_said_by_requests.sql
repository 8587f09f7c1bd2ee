-- Requests may say which limits hold for their tenant.
-- focus: door

call app.allow('app.decision_versions', 'freehold_api', 'select', 'update (hard, hard_version, hard_snapshot, hard_until)');
