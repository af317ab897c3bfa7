"""Expressions: dtypes of constants and results."""

from __future__ import annotations

from functools import partial

from tools.tensorflow_cases.values import (
    NAMES,
    Json,
    outcome,
)

EXPRESSIONS = """
tf.constant(1)
tf.constant(1.5)
tf.constant(True)
tf.constant(2**31)
tf.constant(2**63)
tf.constant(1e39)
tf.constant(1, "float32")
tf.constant(1.5, "int32")
tf.constant([])
tf.constant([1, 2])
tf.constant([1, 2.5])
tf.constant([True, False])
tf.constant([True, 1])
tf.constant([[1, 2], [3]])
tf.constant((1.0, 2.0))
tf.constant(range(3))
tf.constant(np.float16(1))
tf.constant(np.float32(1))
tf.constant(np.float64(1))
tf.constant(np.int8(1))
tf.constant(np.uint8(1))
tf.constant(np.int32(1))
tf.constant(np.int64(1))
tf.constant(np.bool_(True))
tf.constant(np.array([1, 2]))
tf.constant(np.array([1.0, 2.0]))
tf.constant(np.array([True]))
tf.constant([np.float64(1), np.float64(2)])
tf.constant([np.float32(1), 2.0])
tf.constant(5.0, shape=(2, 2))
tf.constant([1, 2, 3, 4], shape=(2, 2))
tf.constant([1, 2, 3], shape=(2, 2))
tf.convert_to_tensor(np.array([1.0]), "float32")
tf.convert_to_tensor(tf.constant([1.0]), "float64")
tf.Variable(1)
tf.Variable(1.5)
tf.Variable(np.array([1.0]))
tf.Variable([1, 2], dtype="float32")
tf.zeros(2)
tf.zeros((2,), "int32")
tf.ones((1, 2))
tf.ones_like(tf.constant([1, 2]))
tf.zeros_like([1.5])
tf.fill([2], 1)
tf.fill([2], 1.5)
tf.eye(2)
tf.range(3)
tf.range(3.0)
tf.range(1, 10, 4)
tf.linspace(0.0, 1.0, 3)
tf.random.uniform((2,)).dtype.name
tf.random.normal((2,)).dtype.name
tf.random.uniform((2,), maxval=5, dtype="int32").dtype.name
tf.shape([[1.0, 2.0]])
tf.size([[1.0, 2.0]])
tf.rank([[1.0, 2.0]])
tf.constant(1.0).shape.rank
tf.constant([1, 2]) + 1
tf.constant([1, 2]) + 1.5
tf.constant([1, 2]) + True
tf.constant([1.0, 2.0]) + 1
tf.constant([1.0, 2.0]) + True
1 - tf.constant([1.0, 2.0])
tf.constant([1, 2]) + tf.constant([1.0, 2.0])
tf.constant([1.0]) + tf.constant([1.0], "float64")
tf.constant([1.0]) + np.array([1.0])
tf.constant([1.0]) + np.float64(1.0)
np.array([1.0]) + tf.constant([1.0])
np.array([1.0], "float32") + tf.constant([1.0])
tf.constant([1.0], "float64") + 1.5
tf.constant([1], "int64") + tf.constant([1])
tf.constant([True]) + tf.constant([True])
tf.constant([7, -7]) / 2
tf.constant([7, -7]) // 2
tf.constant([7, -7]) % 3
tf.constant([7.0, -7.0]) // 2.0
tf.constant([7.0, -7.0]) % 3.0
tf.constant([7, 8], "int8") / tf.constant([2, 2], "int8")
tf.constant([7]) // 0
tf.constant([7.0]) / 0.0
tf.constant([2, 3]) ** 2
tf.constant([2, 3]) ** -1
tf.constant([2.0, 3.0]) ** 2
tf.constant([4.0]) ** 0.5
-tf.constant([1], "uint8")
~tf.constant([True])
tf.constant([True, False]) & tf.constant([True, True])
tf.constant([6]) & tf.constant([3])
tf.constant([1, 2]) == tf.constant([1, 3])
tf.constant([1, 2]) == 1
tf.constant([1, 2]) == tf.constant([1.0, 3.0])
tf.constant([1, 2]) == [1, 2, 3]
tf.constant([1, 2]) < 2
bool(tf.constant([1, 2]))
bool(tf.constant(0.0))
int(tf.constant(2.7))
float(tf.constant(3))
len(tf.constant([1, 2]))
len(tf.constant(1))
hash(tf.constant(1))
f"{tf.constant(1.23456):.2f}"
f"{tf.constant(7)}"
f"{tf.Variable(1.23456):.2f}"
tf.constant([1.0, 2.0])[5]
tf.constant([1.0, 2.0, 3.0])[1.0]
tf.constant([1.0, 2.0, 3.0])[tf.constant([0, 1])]
tf.constant([1.0, 2.0, 3.0])[tf.constant([True, False, True])]
tf.reduce_sum(tf.constant([1, 2]))
tf.reduce_sum(tf.constant([200, 100], "uint8"))
tf.reduce_sum(tf.constant([True, True]))
tf.reduce_sum([1.5, 2.5])
tf.reduce_sum(tf.constant([], "float32"))
tf.reduce_mean(tf.constant([1, 2]))
tf.reduce_mean(tf.constant([-1, -2]))
tf.reduce_mean(tf.constant([1, 2], "uint8"))
tf.reduce_mean(tf.constant([True, False]))
tf.reduce_mean(tf.constant([1.0, 2.0], "float64"))
tf.reduce_mean(tf.constant([], "float32"))
tf.reduce_prod(tf.constant([2, 3]))
tf.reduce_max(tf.constant([2, 3]))
tf.reduce_max(tf.constant([], "float32"))
tf.reduce_min(tf.constant([2, 3], "int64"))
tf.reduce_any(tf.constant([True, False]))
tf.reduce_all(tf.constant([1, 0]))
tf.reduce_logsumexp(tf.constant([1, 2]))
tf.math.reduce_std(tf.constant([1, 2]))
tf.math.reduce_variance(tf.constant([1.0, 2.0, 4.0]))
tf.argmax([1.0, 3.0, 2.0])
tf.argmax([[1.0, 3.0], [4.0, 2.0]])
tf.argmax([1.0, 3.0, 3.0])
tf.argmax([1.0, 3.0], output_type="int32")
tf.cumsum(tf.constant([1, 2, 3]))
tf.square(3)
tf.square(tf.constant([3], "uint8"))
tf.sqrt(4)
tf.sqrt(4.0)
tf.sqrt(np.array([4.0]))
tf.exp(1)
tf.exp(np.float64(0.0))
tf.abs(-1)
tf.math.log(0.0)
tf.math.log(-1.0)
tf.sign([-2, 0, 2])
tf.maximum(1, 2)
tf.maximum(tf.constant(1.0), 2)
tf.clip_by_value([1, 5, 9], 2, 6)
tf.where([True, False], [1, 2], [3, 4])
tf.where([True, False], [1.0, 2.0], 0)
tf.where([True, False, True])
tf.cast([1.7, -1.7], "int32")
tf.cast([300.0], "uint8")
tf.cast([0.0, 2.0], "bool")
tf.cast([True], "float32")
tf.cast(np.array([1.0]), tf.float32)
tf.one_hot([0, 2], 3)
tf.one_hot([-1, 3], 3)
tf.one_hot([0], 2, dtype="int32")
tf.one_hot([0, 1], 2, on_value=5.0, off_value=-1.0)
tf.one_hot([[0], [1]], 2, axis=0)
tf.matmul(tf.constant([[1, 2]]), tf.constant([[3], [4]]))
tf.matmul([[1.0, 2.0]], [[3.0, 4.0]], transpose_b=True)
tf.matmul([1.0, 2.0], [3.0, 4.0])
tf.matmul([[1.0, 2.0]], [[3.0, 4.0]])
tf.constant([[1.0, 2.0]]) @ tf.constant([[3.0], [4.0]])
tf.tensordot([1.0, 2.0], [3.0, 4.0], 1)
tf.nn.relu(tf.constant([-1, 2]))
tf.nn.relu([-1.0, 2.0])
tf.nn.softmax(tf.constant([1, 2]))
tf.nn.softmax([1.0, 2.0])
tf.nn.sigmoid(0)
tf.nn.top_k([1.0, 3.0, 2.0], 2)
tf.concat([tf.constant([1]), tf.constant([2])], 0)
tf.concat([tf.constant([1]), tf.constant([2.0])], 0)
tf.stack([1, 2.5])
tf.reshape(tf.range(6), (2, -1))
tf.reshape(tf.range(6), (4, -1))
tf.transpose([[1, 2, 3], [4, 5, 6]])
tf.expand_dims([1, 2], -1)
tf.squeeze([[[1], [2]]])
tf.gather([10, 20, 30], [2, 0])
tf.gather([10, 20, 30], [3])
tf.gather([10, 20, 30], [-1])
tf.sort([3, 1, 2])
tf.argsort([3.0, 1.0, 2.0])
tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])
tf.float32 == "float32"
tf.float32 == np.float32
tf.constant(1.0).dtype == np.float32
tf.constant(1.0).numpy().dtype.name
type(tf.constant(1.0).numpy()).__name__
type(tf.constant([1.0]).numpy()).__name__
repr(tf.constant([1.0, 2.0]))
repr(tf.constant(1))
str(tf.constant([1.0, 2.0]))
str(tf.constant(1))
repr(tf.Variable([1.0, 2.0], name="v"))
tf.Variable([1.0, 2.0]).assign([1.0, 2.0, 3.0])
tf.Variable([1.0, 2.0]).assign(3.0)
tf.Variable([1.0, 2.0]).assign([[1.0, 2.0]])
tf.Variable([1.0, 2.0]).assign([1, 2])
tf.Variable([1.0, 2.0]).assign(tf.constant([1, 2]))
tf.Variable([1.0, 2.0]).assign(np.array([1.5, 2.5]))
tf.Variable([1.0, 2.0]).assign(tf.constant([1.5, 2.5], "float64"))
tf.Variable([1, 2]).assign([1.5, 2.5])
tf.Variable([1.0, 2.0]).assign_add([1.0, 1.0])
tf.Variable([1.0, 2.0]).assign_sub(1.0)
tf.Variable([1.0, 2.0]) * 2.0
type(tf.Variable([1.0, 2.0]).assign([3.0, 4.0])).__name__
tf.Variable(1.0).name
tf.Variable(1.0, name="v").name
tf.keras.losses.sparse_categorical_crossentropy([1, 0], tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([1, 0], "uint8"), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([1.0, 0.0]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([[1], [0]]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([2, 0]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([-1, 0]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([1]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([[0, 1], [1, 0]]), tf.fill((2, 2), 0.5))
tf.keras.losses.categorical_crossentropy([[0, 1]], tf.constant([[0.25, 0.75]]))
keras.losses.mean_squared_error(tf.constant([1.0, 2.0]), tf.constant([[1.0], [2.0]]))
keras.losses.mean_squared_error(tf.constant([[1.0], [2.0]]), tf.ones((2, 3)))
keras.losses.mean_squared_error([1, 2], [2, 4])
tf.keras.optimizers.SGD().apply_gradients([])
tf.keras.optimizers.SGD(momentum=1.5)
tf.keras.optimizers.SGD(learning_rate=0.5).learning_rate
""".strip().splitlines()


def recorded_expressions() -> Json:
    """Return the section `expressions`."""
    return {expression: outcome(partial(eval, expression, NAMES)) for expression in EXPRESSIONS}
