"""Feature flags: a variant for each tenant, member or share of them, changed without a deployment."""
