"""The platform under the product: tenancy, identity and the one way into the database."""
