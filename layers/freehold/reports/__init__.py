"""Reports: lists of any length, written by jobs into files that are fetched from where they lie."""
