"""The audit trail: who changed what, readable by its tenant, and sealed so that nobody can rewrite it."""
