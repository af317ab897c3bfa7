"""One file a library: how it trains the network of a workload.  `contract.py` says what such a file gives."""
