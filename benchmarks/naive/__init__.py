"""The application that cold starts are compared with: what a first version of such a backend usually looks like."""
