"""SCIM 2.0, as the directories of customers speak it."""
