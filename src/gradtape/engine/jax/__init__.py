"""The JAX engine.

Importing it switches JAX to 64-bit types, because gradtape keeps float64 and int64 as they are, and to full
float32 products on devices that would otherwise round their factors.
"""

from gradtape.engine.jax.devices import configure

configure()
