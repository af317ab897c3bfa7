"""A compiled function over fed batches, as the stepper runs it."""

from gradtape.training.feed import feed


def run_batches(step, *what, **how):
    """Yield the batches of each call of `feed(*what, **how)`, and what the step returned for them."""
    for rows, tensors, places in feed(*what, **how):
        yield rows, step.over_known(tensors, places, len(rows))
