"""The deployed functions: one folder each, declared in manifest.py."""
