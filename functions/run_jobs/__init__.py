"""The workers of the classes interactive, standard and bulk."""
