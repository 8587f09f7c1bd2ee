"""The connections of the tenant's directories."""
