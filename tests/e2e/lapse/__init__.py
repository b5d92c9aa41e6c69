"""An installation whose clock a test moves: weeks pass in minutes, and of the product only ``now`` is replaced."""
