"""What the design costs and saves, as ratios: each is A against B, in turns, in one run on one machine."""
