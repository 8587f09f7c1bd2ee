"""The operators' way in: no route leads here, only IAM."""
