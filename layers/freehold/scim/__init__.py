"""SCIM 2.0 (RFC 7643, 7644): a customer's own directory says who belongs to the tenant, and in which groups."""
