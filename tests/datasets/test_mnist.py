"""MNIST: the original bytes come out, and a file that is not the original one is refused."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import gradtape.datasets.mnist as mnist
from gradtape.errors import DatasetError

PACKED = mnist._FILE.read_bytes()
SIZE = len(PACKED)

IDX_SHA256 = {
    "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}
CLASS_COUNTS = {
    "y_train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "y_test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}


def load() -> dict[str, mnist.Bytes]:
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


@pytest.fixture(scope="module")
def arrays() -> dict[str, mnist.Bytes]:
    return load()


@pytest.fixture(scope="module")
def pack_mnist() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "pack_mnist.py"
    spec = importlib.util.spec_from_file_location("pack_mnist", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The data


@pytest.mark.parametrize("name", SHAPES)
def test_shape_and_dtype(arrays: dict[str, mnist.Bytes], name: str) -> None:
    assert arrays[name].shape == SHAPES[name]
    assert arrays[name].dtype == np.uint8


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("x_train", "00000803 0000ea60 0000001c 0000001c"),
        ("y_train", "00000801 0000ea60"),
        ("x_test", "00000803 00002710 0000001c 0000001c"),
        ("y_test", "00000801 00002710"),
    ],
)
def test_the_original_idx_file_can_be_rebuilt(arrays: dict[str, mnist.Bytes], name: str, header: str) -> None:
    idx = bytes.fromhex(header) + arrays[name].tobytes()
    assert hashlib.sha256(idx).hexdigest() == IDX_SHA256[name]


@pytest.mark.parametrize("name", CLASS_COUNTS)
def test_class_counts(arrays: dict[str, mnist.Bytes], name: str) -> None:
    assert np.bincount(arrays[name]).tolist() == CLASS_COUNTS[name]


def test_arrays_are_fresh_writable_and_independent(arrays: dict[str, mnist.Bytes]) -> None:
    second = load()
    everything = [*arrays.values(), *second.values()]
    for i, array in enumerate(everything):
        assert array.flags.writeable and array.flags.c_contiguous
        assert not any(np.shares_memory(array, other) for other in everything[:i])
    second["x_train"][:] = 7
    second["y_test"][:] = 7
    assert np.array_equal(load()["x_train"], arrays["x_train"])


def test_signature_is_keras_and_the_path_is_not_used(arrays: dict[str, mnist.Bytes]) -> None:
    assert str(inspect.signature(mnist.load_data).parameters["path"]) == "path: 'str' = 'mnist.npz'"
    _, (_, y_test) = mnist.load_data("no such file")
    np.testing.assert_array_equal(y_test, arrays["y_test"])


def test_reachable_by_its_keras_name() -> None:
    import gradtape.datasets

    assert gradtape.datasets.mnist is mnist


def test_origin_and_licence_stand_beside_the_data() -> None:
    text = mnist._FILE.with_name("README.md").read_text(encoding="utf-8")
    for required in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", *IDX_SHA256.values()):
        assert required in text


# The packing


@pytest.mark.parametrize("count", [0, 1, 7, 1000, 1001])
def test_packing_and_unpacking_any_image_changes_nothing(pack_mnist: ModuleType, count: int) -> None:
    generator = np.random.default_rng(count)
    images = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    images[generator.random(images.shape) < 0.5] = 0
    images[:1] = 0
    images[1:2] = 255
    labels = generator.integers(0, 10, count, dtype=np.uint8)
    parts = pack_mnist.split_parts(images, labels)
    packed = pack_mnist.archive(
        {f"{split}_{name}": parts[name] for split in ("train", "test") for name in parts}
    )
    for x, y in mnist._decode(packed):
        np.testing.assert_array_equal(x, images)
        np.testing.assert_array_equal(y, labels)


def test_the_tool_refuses_other_images(pack_mnist: ModuleType, tmp_path: Path) -> None:
    images, labels = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    source = tmp_path / "other.npz"
    np.savez(source, x_train=images, y_train=labels, x_test=images, y_test=labels)
    with pytest.raises(SystemExit, match="train: the SHA-256 of the images must be ba891046"):
        pack_mnist.pack(source)


# Damage


def write(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "mnist.npz"
    file.write_bytes(content)
    return file


def refusal(file: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        mnist._read_checked(file)
    message = str(caught.value)
    assert str(file) in message
    assert message.endswith("reinstall gradtape to restore this file")
    return message


def test_an_undamaged_copy_is_accepted(tmp_path: Path) -> None:
    assert mnist._read_checked(write(tmp_path, PACKED)) == PACKED


@pytest.mark.parametrize("position", [0, 1, 30, 1000, SIZE // 3, SIZE // 2, SIZE - 1000, SIZE - 22, SIZE - 1])
@pytest.mark.parametrize("bits", [0x01, 0x80, 0xFF])
def test_a_flipped_byte_is_refused(tmp_path: Path, position: int, bits: int) -> None:
    damaged = bytearray(PACKED)
    damaged[position] ^= bits
    message = refusal(write(tmp_path, bytes(damaged)))
    assert f"the SHA-256 check failed (required {mnist._SHA256}, got " in message


@pytest.mark.parametrize("size", [0, 1, 22, 1000, SIZE // 2, SIZE - 22, SIZE - 1])
def test_a_truncated_or_empty_file_is_refused(tmp_path: Path, size: int) -> None:
    message = refusal(write(tmp_path, PACKED[:size]))
    assert f"the size check failed (required {SIZE} bytes, got {size})" in message


def test_a_file_that_is_too_long_is_refused_and_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, PACKED + bytes(1000))
    sizes: list[int] = []
    monkeypatch.setattr(Path, "open", recording_open(sizes))
    assert f"the size check failed (required {SIZE} bytes, got more)" in refusal(file)
    assert sizes == [SIZE + 1]


def recording_open(sizes: list[int]) -> Callable[[Path, str], io.BufferedIOBase]:
    class Recording(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(-1 if size is None else size)
            return super().read(-1 if size is None else size) or b""

    return lambda path, mode: Recording(str(path), mode.replace("b", ""))  # type: ignore[return-value]


def test_another_file_of_the_right_size_is_refused(tmp_path: Path) -> None:
    assert "the SHA-256 check failed" in refusal(write(tmp_path, bytes(SIZE)))


def test_the_source_file_swapped_in_is_refused(tmp_path: Path, arrays: dict[str, mnist.Bytes]) -> None:
    file = tmp_path / "mnist.npz"
    np.savez(file, allow_pickle=False, **arrays)
    assert "the size check failed" in refusal(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "reading it failed (No such file or directory)" in refusal(tmp_path / "mnist.npz")


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    assert "reading it failed" in refusal(tmp_path)


def test_load_data_checks_before_it_decodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist, "_FILE", write(tmp_path, PACKED[:-1]))
    monkeypatch.setattr(mnist, "_decode", lambda packed: pytest.fail("decoded an unchecked file"))
    with pytest.raises(DatasetError, match="mnist.load_data: .*size check failed") as caught:
        mnist.load_data()
    assert isinstance(caught.value, ValueError)
