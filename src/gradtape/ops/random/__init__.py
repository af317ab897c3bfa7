"""Random numbers: `host.py` draws on the host, `in_step.py` inside a step, `seeds.py` the seed of both."""

from gradtape.ops.random.host import normal, randint, shuffle, truncated_normal, uniform

__all__ = ["normal", "randint", "shuffle", "truncated_normal", "uniform"]
