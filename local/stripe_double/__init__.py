"""A double of Stripe to develop and test against. It is modelled on Stripe's documentation of API 2026-10-28.endive.

It is not Stripe: where the documentation is silent it takes the plainest reading, and what it does not know it refuses.
Amounts are integer minor units, moments are Unix seconds, objects are dicts in the shape that Stripe documents.
Keys that begin with an underscore are the double's own notes and never leave it.
"""
