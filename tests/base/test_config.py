"""Names and configurations of pieces."""

import pytest

import gradtape
from gradtape import losses
from gradtape.base.config import (
    Configurable,
    Family,
    as_json,
    custom_objects,
    register_serializable,
    registered_name,
)
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.layers import Dense


class Piece(Configurable):
    def __init__(self, size=1):
        self.size = size

    def get_config(self):
        return {"size": self.size}


def family():
    made = Family("piece", Piece)
    made.member("piece", "little_piece")(Piece)
    return made


def test_a_member_is_found_by_each_of_its_names():
    for name in ("Piece", "piece", "little_piece"):
        assert isinstance(family().get(name), Piece)


def test_what_get_takes():
    piece = Piece()
    assert family().get(None) is None
    assert family().get(piece) is piece
    assert isinstance(family().get(Piece), Piece)
    assert family().get({"class_name": "Piece", "config": {"size": 3}}).size == 3
    assert family().get(abs) is abs


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(ArgumentError, match="piece: unknown name 'pieec'; did you mean 'piece'?"):
        family().get("pieec")
    with pytest.raises(ArgumentError, match="piece: unknown name 'zzzz'; there are little_piece, piece"):
        family().get("zzzz")
    with pytest.raises(
        ArgumentTypeError, match="piece: must be the name of one, a piece or a configuration, got 3"
    ):
        family().get(3)


def test_a_piece_is_written_down_and_made_again():
    written = family().serialize(Piece(5))
    assert written == {"class_name": "Piece", "config": {"size": 5}}
    assert family().deserialize(written).size == 5
    assert family().serialize(None) is None and family().deserialize(None) is None


def test_a_class_nobody_registered_is_written_down_by_its_name_and_must_be_given_to_be_found():
    class Mine(Piece):
        pass

    assert family().serialize(Mine(2)) == {"class_name": "Mine", "config": {"size": 2}}
    with custom_objects({"Mine": Mine}):
        assert isinstance(family().deserialize(family().serialize(Mine(2))), Mine)
    with pytest.raises(ArgumentError, match="unknown name 'Mine'.*passed as one of the custom_objects"):
        family().deserialize({"class_name": "Mine", "config": {}})


def test_what_would_be_mixed_up_cannot_be_written_down():
    other = type("Piece", (Piece,), {})
    with pytest.raises(ArgumentError, match="Piece is not known by name.*register_serializable"):
        family().serialize(other())


def test_a_registered_class_is_found_by_its_full_name():
    @register_serializable(package="tests")
    class NamedInFull(Piece):
        pass

    assert registered_name(NamedInFull) == "tests>NamedInFull"
    assert family().serialize(NamedInFull())["class_name"] == "tests>NamedInFull"
    assert isinstance(family().get("tests>NamedInFull"), NamedInFull)


def test_what_cannot_be_registered():
    with pytest.raises(ArgumentTypeError, match="Bare must have get_config"):

        @register_serializable()
        class Bare:
            pass

    with pytest.raises(ArgumentTypeError, match="with parentheses"):
        register_serializable(Piece)


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        (3, "must have a class_name, got 3"),
        ({"config": {}}, "must have a class_name"),
        ({"class_name": "Piece", "config": 3}, "cannot be used"),
        ({"class_name": "Piece", "config": {"colour": 1}}, "configuration of Piece does not fit.*colour"),
    ],
)
def test_a_configuration_that_does_not_fit(config, fault):
    with pytest.raises(ArgumentError, match=fault):
        family().deserialize(config)


def test_a_class_is_no_object():
    with pytest.raises(ArgumentTypeError, match="cannot be written down as JSON; define get_config"):
        as_json(Dense, "layers")


@pytest.fixture
def registered():
    with custom_objects({}):
        yield register_serializable


@pytest.mark.parametrize(
    ("get", "name"),
    [
        (gradtape.activations.get, "relu"),
        (gradtape.losses.get, "mse"),
        (gradtape.metrics.get, "mse"),
        (gradtape.initializers.get, "ones"),
        (gradtape.regularizers.get, "l2"),
        (gradtape.constraints.get, "non_neg"),
    ],
)
def test_what_is_registered_never_takes_the_place_of_a_built_in(get, name, registered):
    before = get(name)

    @registered("mine", name)
    def own(*given):
        return 7

    found = get(name)
    assert found is before or type(found) is type(before)
    assert get(f"mine>{name}") is own
    with custom_objects({name: own}):  # who says so in this place means it
        assert get(name) is own


def test_a_network_computes_with_the_built_in(registered):
    @registered("mine", "relu")
    def seven(x):
        return x * 0 + 7

    ours, mine = Dense(1, "relu", kernel_initializer="ones"), Dense(1, "mine>relu")
    assert ours([[2.0, -1.0]]).tolist() == [[1.0]] and mine([[2.0, -1.0]]).tolist() == [[7.0]]
    again = Dense.from_config(mine.get_config())
    assert again([[2.0, -1.0]]).tolist() == [[7.0]]


def test_a_name_of_two_packages_must_say_which(registered):
    for package in ("a", "b"):
        registered(package, "gate")(lambda x, package=package: package)
    assert gradtape.activations.get("a>gate")(0) == "a"
    with pytest.raises(ArgumentError, match="'gate' is registered more than once; write a>gate or b>gate"):
        gradtape.activations.get("gate")


@pytest.mark.parametrize("name", ["crossentropy", "cross_entropy", "CrossEntropy"])
def test_a_name_that_several_hold_gets_them_all(name):
    with pytest.raises(ArgumentError) as caught:
        losses.get(name)
    assert str(caught.value) == (
        f"loss: unknown name {name!r}; did you mean 'binary_crossentropy', 'categorical_crossentropy', "
        "'binary_focal_crossentropy', 'categorical_focal_crossentropy' or 'sparse_categorical_crossentropy'?"
    )
