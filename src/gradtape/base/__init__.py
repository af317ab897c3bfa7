"""Trees, checks, configurations, version: what every room uses; knows no tensor."""
