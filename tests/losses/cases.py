"""What every loss is tried on: targets and predictions that suit it, and its options."""

import numpy as np

rng = np.random.default_rng(7)
SHAPE = (6, 4)
CLASSES = rng.integers(0, 4, 6)
ONE_HOT = np.eye(4)[CLASSES]
LOGITS = rng.normal(size=SHAPE)
POSITIVE = rng.uniform(0.05, 0.95, SHAPE)
SHARES = POSITIVE / POSITIVE.sum(axis=-1, keepdims=True)
BITS = rng.integers(0, 2, SHAPE).astype("float64")
SIGNS = 2 * BITS - 1
REAL = rng.normal(size=SHAPE)
IMAGES = rng.integers(0, 2, (2, 3, 3, 1)).astype("float64")
SHADES = rng.uniform(0.05, 0.95, (2, 3, 3, 1))
SEQUENCE_CLASSES = rng.integers(0, 4, (2, 3))
SEQUENCE_LOGITS = rng.normal(size=(2, 3, 4))

# class: [(y_true, y_pred, options)]
CASES = {
    "BinaryCrossentropy": [
        (BITS, POSITIVE, {}),
        (BITS, LOGITS, {"from_logits": True}),
        (BITS, POSITIVE, {"label_smoothing": 0.2}),
        (BITS, LOGITS, {"from_logits": True, "label_smoothing": 0.2}),
        (BITS, POSITIVE, {"axis": 0}),
    ],
    "BinaryFocalCrossentropy": [
        (BITS, POSITIVE, {}),
        (BITS, LOGITS, {"from_logits": True, "gamma": 1.5}),
        (BITS, POSITIVE, {"apply_class_balancing": True, "alpha": 0.3, "label_smoothing": 0.1}),
        (BITS, LOGITS, {"from_logits": True, "apply_class_balancing": True, "axis": 0}),
    ],
    "CategoricalCrossentropy": [
        (ONE_HOT, SHARES, {}),
        (ONE_HOT, POSITIVE, {}),
        (ONE_HOT, LOGITS, {"from_logits": True}),
        (ONE_HOT, SHARES, {"label_smoothing": 0.2}),
        (ONE_HOT, LOGITS, {"from_logits": True, "label_smoothing": 0.2}),
        (ONE_HOT, POSITIVE, {"axis": 0}),
        (ONE_HOT, LOGITS, {"from_logits": True, "axis": -2}),
    ],
    "CategoricalFocalCrossentropy": [
        (ONE_HOT, SHARES, {}),
        (ONE_HOT, POSITIVE, {"alpha": [0.1, 0.2, 0.3, 0.4], "gamma": 1.0}),
        (ONE_HOT, LOGITS, {"from_logits": True, "label_smoothing": 0.1}),
    ],
    "CategoricalGeneralizedCrossEntropy": [(CLASSES, SHARES, {}), (CLASSES, POSITIVE, {"q": 0.3})],
    "CategoricalHinge": [(ONE_HOT, REAL, {})],
    "CosineSimilarity": [(LOGITS, REAL, {}), (LOGITS, REAL, {"axis": 0})],
    "Dice": [(IMAGES, SHADES, {}), (IMAGES, SHADES, {"axis": (1, 2, 3)})],
    "Hinge": [(SIGNS, REAL, {}), (BITS, REAL, {}), (LOGITS, REAL, {})],
    "Huber": [(LOGITS, REAL, {}), (LOGITS, REAL, {"delta": 0.4})],
    "KLDivergence": [(SHARES, POSITIVE, {})],
    "LogCosh": [(LOGITS, REAL, {}), (50 * LOGITS, REAL, {})],
    "MeanAbsoluteError": [(LOGITS, REAL, {})],
    "MeanAbsolutePercentageError": [(LOGITS, REAL, {})],
    "MeanSquaredError": [(LOGITS, REAL, {}), (SEQUENCE_LOGITS, 2 * SEQUENCE_LOGITS, {})],
    "MeanSquaredLogarithmicError": [(POSITIVE, SHARES, {})],
    "Poisson": [(BITS, POSITIVE, {})],
    "SparseCategoricalCrossentropy": [
        (CLASSES, SHARES, {}),
        (CLASSES[:, None], POSITIVE, {}),
        (CLASSES, LOGITS, {"from_logits": True}),
        (CLASSES, LOGITS, {"from_logits": True, "ignore_class": 2}),
        (CLASSES, POSITIVE, {"ignore_class": 2}),
        (CLASSES - (CLASSES == 3) * 4, LOGITS, {"from_logits": True, "ignore_class": -1}),
        (SEQUENCE_CLASSES, SEQUENCE_LOGITS, {"from_logits": True}),
        (SEQUENCE_CLASSES, SEQUENCE_LOGITS, {"from_logits": True, "ignore_class": 1}),
    ],
    "SquaredHinge": [(SIGNS, REAL, {}), (BITS, REAL, {})],
    "Tversky": [
        (IMAGES, SHADES, {}),
        (IMAGES, SHADES, {"alpha": 0.3, "beta": 0.8, "axis": (1, 2, 3)}),
    ],
}
FUNCTIONS = {
    "BinaryCrossentropy": "binary_crossentropy",
    "BinaryFocalCrossentropy": "binary_focal_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "CategoricalFocalCrossentropy": "categorical_focal_crossentropy",
    "CategoricalGeneralizedCrossEntropy": "categorical_generalized_cross_entropy",
    "CategoricalHinge": "categorical_hinge",
    "CosineSimilarity": "cosine_similarity",
    "Dice": "dice",
    "Hinge": "hinge",
    "Huber": "huber",
    "KLDivergence": "kl_divergence",
    "LogCosh": "log_cosh",
    "MeanAbsoluteError": "mean_absolute_error",
    "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredError": "mean_squared_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error",
    "Poisson": "poisson",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "SquaredHinge": "squared_hinge",
    "Tversky": "tversky",
}
EACH = [(name, *case) for name, cases in CASES.items() for case in cases]
EACH_ID = [f"{name}-{i}" for name, cases in CASES.items() for i in range(len(cases))]


def of_function(name, options):
    """Return the options of a class that its function takes: those without which it cannot be called too."""
    return {"q": 0.5, **options} if name == "CategoricalGeneralizedCrossEntropy" else options


def as_float32(array):
    """Return floating arrays in float32, others as they are."""
    return array.astype("float32") if array.dtype.kind == "f" else array
