"""Answers what a tenant may do, over the protocol of OpenFeature."""
