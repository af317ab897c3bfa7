"""Scripts for those who work on gradtape: pages, pictures, long checks, data; none is installed."""
