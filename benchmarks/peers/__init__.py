"""The peers' benchmark: the same network trained by every library, in turns, and what gradtape must reach."""
