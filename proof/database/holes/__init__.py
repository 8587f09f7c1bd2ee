"""Planted holes, one small file each: what every check of the proof has to find, or the proof is worth nothing."""
