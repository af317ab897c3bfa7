"""The house's plan, read from its source: who may import whom, and what every file keeps to."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import gradtape
from gradtape import _moved

HOUSE = Path(gradtape.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))
LONGEST_FUNCTION = 60

# The rooms, bottom first: a file imports only from its own room and those above it in this list.  A room is
# a package or a single file; a package's own files stand above the rooms inside it, whose door it is.
ROOMS = (
    """
errors base display engine.numpy engine.jax engine core program
ops.base ops.numpy ops.nn ops.linalg ops.random ops tape random utils
losses.base losses initializers activations regularizers constraints metrics.base metrics
optimizers.schedules optimizers.base optimizers layers.base layers
datasets data callbacks training.checks training formats
runs.disk runs article views rerun explain views.step export replay models saving testing tf _moved
""".split()
    + ["", "cli", "__main__"]
)
FLOOR_OF = {room: i for i, room in enumerate(ROOMS)}

# Packages that Keras has under these names; the others are ours.
OF_KERAS = set(
    "ops random losses initializers metrics optimizers optimizers.schedules layers datasets callbacks models saving".split()
)

# What the article's page may use: tensor, tape, operations and losses (and Python itself and NumPy).
NAIVE_USES = {
    "core",
    "tape",
    "ops",
    "ops.numpy",
    "ops.nn",
    "ops.linalg",
    "ops.random",
    "losses",
    "errors",
    "article",
}

# Imports for the type checker only are no dependency; here is every one of them that points upwards.
UPWARDS_FOR_TYPES_ONLY: set[tuple[str, str]] = set()

FORBIDDEN_MODULES = {"pickle", "marshal", "importlib", "shelve", "dill", "cloudpickle"}
FORBIDDEN_CALLS = {"eval", "exec", "__import__", "compile"}


def room_of(module):
    """Return the room of a module of the package; "" is the package's own __init__."""
    name = module.partition(".")[2]
    while name and name not in FLOOR_OF:
        name = name.rpartition(".")[0]
    return name


def module_of(path):
    """Return the dotted name of a source file."""
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree, module, is_package):
    """Return (imported module, whether for types only, line) for every import, inside functions too."""
    for_types = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for_types.update(id(inner) for branch in node.body for inner in ast.walk(branch))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: len(module.split(".")) - node.level + is_package] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            # `from gradtape import ops` means the room ops, `from gradtape import Tensor` the package's top
            names = [
                f"{source}.{a.name}" if f"{source}.{a.name}".partition(".")[2] in FLOOR_OF else source
                for a in node.names
            ]
        else:
            continue
        found += [(name, id(node) in for_types, node.lineno) for name in names]
    return found


def faults(source, module, is_package=False):
    """Return a sentence for every import that points upwards or at what the room may not use."""
    said = []
    room = room_of(module)
    for name, for_types, line in imports(ast.parse(source), module, is_package):
        top = name.split(".")[0]
        if top in ("jax", "jaxlib") and room != "engine.jax":
            said.append(f"{module}:{line} imports {top}: only engine/jax/ knows JAX")
        if top in FORBIDDEN_MODULES and room != "_moved":  # its table stands in the source
            said.append(f"{module}:{line} imports {top}")
        if top != "gradtape":
            continue
        target = room_of(name)
        if target == "" and name != "gradtape":
            said.append(f"{module}:{line} imports {name}, which is no room: add it to ROOMS")
        elif for_types:
            if FLOOR_OF[target] > FLOOR_OF[room] and (room, target) not in UPWARDS_FOR_TYPES_ONLY:
                said.append(f"{module}:{line} imports {name} upwards for types")
        elif FLOOR_OF[target] > FLOOR_OF[room]:
            said.append(f"{module}:{line} imports {name} upwards")
        elif module == "gradtape.article.naive" and target not in NAIVE_USES:
            said.append(f"{module}:{line} imports {name}: not for the article's page")
    return said


@pytest.mark.parametrize("path", FILES, ids=lambda p: module_of(p))
def test_imports_go_downwards_only(path):
    module = module_of(path)
    assert room_of(module) or module == "gradtape", f"{module} is in no room: add it to ROOMS"
    assert faults(path.read_text(encoding="utf-8"), module, path.name == "__init__.py") == []


PLANTED_IMPORTS = [
    ("core.tensor", "from gradtape.ops import add", "1 imports gradtape.ops upwards"),
    ("core.tensor", "from gradtape import ops", "1 imports gradtape.ops upwards"),
    ("core.tensor", "from gradtape import Variable", "1 imports gradtape upwards"),
    ("core.tensor", "import gradtape.tape as t", "1 imports gradtape.tape upwards"),
    (
        "ops.numpy.shapes",
        "def f():\n    from gradtape.tape import x",
        "2 imports gradtape.tape upwards",
    ),
    ("ops.numpy.shapes", "from ...losses import x", "1 imports gradtape.losses upwards"),
    ("ops.numpy.shapes", "from gradtape.ops import nn", "1 imports gradtape.ops.nn upwards"),
    ("ops.nn.softmax", "from gradtape.ops import relu", "1 imports gradtape.ops upwards"),
    ("layers.base.layer", "from gradtape.layers.dense import x", "1 imports gradtape.layers.dense upwards"),
    ("engine.numpy.arrays", "from ...core.tensor import x", "1 imports gradtape.core.tensor upwards"),
    ("optimizers.sgd", "from gradtape.layers import x", "1 imports gradtape.layers upwards"),
    (
        "article.naive",
        "from gradtape.engine import xp",
        "1 imports gradtape.engine: not for the article's page",
    ),
    (
        "article.naive",
        "from gradtape.optimizers import SGD",
        "1 imports gradtape.optimizers: not for the article's page",
    ),
    ("layers.dense", "import jax.numpy as jnp", "1 imports jax: only engine/jax/ knows JAX"),
    ("runs.reader", "import pickle", "1 imports pickle"),
    (
        "tape.record",
        "from gradtape.cellar import x",
        "1 imports gradtape.cellar, which is no room: add it to ROOMS",
    ),
    (
        "errors",
        "if TYPE_CHECKING:\n    from gradtape.tape import x",
        "2 imports gradtape.tape upwards for types",
    ),
]


@pytest.mark.parametrize(("module", "source", "fault"), PLANTED_IMPORTS)
def test_a_planted_import_in_the_wrong_direction_is_found(module, source, fault):
    assert faults(source, f"gradtape.{module}") == [f"gradtape.{module}:{fault}"]


def test_imports_downwards_are_no_fault():
    assert (
        faults(
            "from gradtape import engine\nfrom gradtape.errors import show\nimport numpy",
            "gradtape.ops.numpy.shapes",
        )
        == []
    )
    assert faults("from gradtape.engine import numpy\nimport jax", "gradtape.engine.jax.arrays") == []
    assert faults("from . import numpy\nfrom .numpy import x", "gradtape.engine", is_package=True) == []


def test_there_are_at_most_38_rooms_besides_those_of_keras():
    packages = {room_of(module_of(path)) for path in FILES if path.name == "__init__.py"}
    ours = {room for room in packages if room not in OF_KERAS and room != ""}
    assert len(ours) <= 38, sorted(ours)


def test_no_package_has_the_name_of_a_public_function():
    packages = {module_of(path).split(".")[-1] for path in FILES if path.name == "__init__.py"}
    functions = {name for name in gradtape.__all__ if inspect.isfunction(getattr(gradtape, name))}
    assert "compile" in functions
    assert packages & functions == set()


def test_a_module_with_an_old_name_is_the_same_module():
    with pytest.warns(DeprecationWarning, match=r"gradtape\.operation is now gradtape\.core\.operation"):
        import gradtape.operation as old
    import gradtape.naive as page

    import gradtape.core.operation as new
    from gradtape.article import naive

    assert old is new and new.__spec__.name == "gradtape.core.operation"
    assert page is naive is gradtape.naive


@pytest.mark.parametrize("name", sorted(_moved._MOVED_NAMES))
def test_a_name_that_moved_is_found_with_a_warning(name):
    room, _, short = name.rpartition(".")
    new_room, _, new_short = _moved._MOVED_NAMES[name].rpartition(".")
    with pytest.warns(
        DeprecationWarning, match=rf"gradtape\.{name} is now gradtape\.{new_room}\.{new_short}"
    ):
        found = getattr(getattr(gradtape, room), short)
    assert found is getattr(getattr(gradtape, new_room), new_short)
    assert short not in dir(getattr(gradtape, room))


def test_a_module_of_an_old_package_is_not_loaded_twice():
    with pytest.warns(DeprecationWarning) as warned:  # of the package, and of the module
        import gradtape.replay.failures.growth as old
    import gradtape.explain.growth as new

    assert old is new
    assert "gradtape.replay.failures.growth is now gradtape.explain.growth" in str(warned[-1].message)
    with pytest.warns(DeprecationWarning, match=r"Parting is now gradtape\.replay\.RunDiff"):
        assert gradtape.replay.Parting is gradtape.replay.RunDiff


@pytest.mark.parametrize("name", sorted(_moved._MOVED))
def test_every_old_name_has_a_new_one(name):
    target = _moved.new_name(f"gradtape.{name}").split(".")
    assert (HOUSE.joinpath(*target[1:]).with_suffix(".py")).exists() or HOUSE.joinpath(*target[1:]).is_dir()
    assert not HOUSE.joinpath(*name.split(".")).with_suffix(".py").exists()


def test_the_list_of_upward_imports_for_types_is_not_longer_than_needed():
    found = set()
    for path in FILES:
        module = module_of(path)
        for name, for_types, _ in imports(
            ast.parse(path.read_text(encoding="utf-8")), module, path.name == "__init__.py"
        ):
            if (
                for_types
                and name.startswith("gradtape")
                and FLOOR_OF[room_of(name)] > FLOOR_OF[room_of(module)]
            ):
                found.add((room_of(module), room_of(name)))
    assert found == UPWARDS_FOR_TYPES_ONLY


# Files that import each other cannot be read one after the other, even where the import is for types only.

IN_A_CIRCLE: set[str] = set()  # files for which there is a reason, each with it


def imported_files(tree, module, is_package, known):
    """Return the modules in `known` that a file imports, inside functions and for types too."""
    wanted = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: len(module.split(".")) - node.level + is_package] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names = {f"{source}.{alias.name}" for alias in node.names}
            wanted |= names & known | ({source} if names - known else set())
    return wanted & known - {module}


def files_in_circles(graph):
    """Return the nodes from which a way leads back to themselves; what only leads into a circle is not in one."""

    def reached(start):
        seen, waiting = set(), [start]
        while waiting:
            for target in graph[waiting.pop()] - seen:
                seen.add(target)
                waiting.append(target)
        return seen

    return {node for node in graph if node in reached(node)}


def test_no_file_is_in_a_circle_of_imports():
    known = {module_of(path): path for path in FILES}
    graph = {
        module: imported_files(
            ast.parse(path.read_text(encoding="utf-8")), module, path.name == "__init__.py", known.keys()
        )
        for module, path in known.items()
    }
    assert sum(map(len, graph.values())) > 1000  # it has seen the imports
    assert files_in_circles(graph) == IN_A_CIRCLE


def test_a_planted_circle_is_found():
    known = {"gradtape.a", "gradtape.b", "gradtape.c", "gradtape"}
    sources = {
        "gradtape.a": "def f():\n    from gradtape.b import x",
        "gradtape.b": "if TYPE_CHECKING:\n    from . import c",
        "gradtape.c": "import gradtape.a",
        "gradtape": "from .a import x\nfrom gradtape import b",
    }
    graph = {m: imported_files(ast.parse(s), m, m == "gradtape", known) for m, s in sources.items()}
    assert graph["gradtape"] == {"gradtape.a", "gradtape.b"}
    assert files_in_circles(graph) == {"gradtape.a", "gradtape.b", "gradtape.c"}


# Nothing in the package runs code that came as data.


def forbidden_calls(source):
    """Return the forbidden built-in functions that the source names, with their lines."""
    return [
        f"{node.id}:{node.lineno}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in FORBIDDEN_CALLS
    ]


def own_names(source):
    """Return the names that a module imports, defines or takes as parameters."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((a.asname or a.name).split(".")[0] for a in node.names)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: module_of(p))
def test_no_file_runs_text_as_code(path):
    source = path.read_text(encoding="utf-8")
    own = own_names(source)  # gradtape's own compile() is not Python's
    assert [call for call in forbidden_calls(source) if call.split(":")[0] not in own] == []
    assert "allow_pickle=True" not in source.replace(" ", "")


def test_a_planted_eval_is_found():
    planted = "def f(x):\n    return eval(x)\nrun = exec\n__import__('os')"
    assert sorted(forbidden_calls(planted)) == ["__import__:4", "eval:2", "exec:3"]


# Size and documentation.


def long_functions(source):
    """Return the name and length of every function with more than LONGEST_FUNCTION lines."""
    return [
        (node.name, node.end_lineno - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda p: module_of(p))
def test_functions_are_short(path):
    assert long_functions(path.read_text(encoding="utf-8")) == []


def test_a_long_function_is_found():
    body = "    pass\n" * LONGEST_FUNCTION
    assert long_functions(f"def f():\n{body}") == [("f", LONGEST_FUNCTION + 1)]
    assert long_functions(f"def f():\n{body[:-9]}") == []


def documented(docstring, indent=4):
    """Return the names in the Args section of a docstring, or None if it has none."""
    lines = inspect.cleandoc(docstring).splitlines()
    if "Args:" not in lines:
        return None
    names = []
    for line in lines[lines.index("Args:") + 1 :]:
        if line and not line.startswith(" "):
            break
        entry = re.match(rf" {{{indent}}}(\*{{0,2}}\w+(?:, \*{{0,2}}\w+)*)(?: \([^)]*\))?:", line)
        if entry:
            names += [name.lstrip("*") for name in entry[1].split(", ")]
    return names


def parameters(function, is_method):
    """Return the names of a function's parameters, without self or cls."""
    a = function.args
    names = [x.arg for x in [*a.posonlyargs, *a.args]]
    static = any(ast.unparse(d) == "staticmethod" for d in function.decorator_list)
    names = names[1:] if is_method and not static else names
    names += [a.vararg.arg] if a.vararg else []
    names += [x.arg for x in a.kwonlyargs]
    return names + ([a.kwarg.arg] if a.kwarg else [])


def undocumented(source):
    """Return a sentence for each Args section that does not name exactly the parameters, in order."""
    said = []
    tree = ast.parse(source)
    owners = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or not ast.get_docstring(node):
            continue
        named = documented(ast.get_docstring(node))
        if named is None:
            continue
        real = real_parameters(node, isinstance(owners.get(id(node)), ast.ClassDef))
        if real is not None and named != real:
            said.append(f"{node.name}: documents {named}, takes {real}")
    return said


def real_parameters(node, is_method):
    """Return the parameters of a function, or those of a class's __init__ or of its annotated fields."""
    if isinstance(node, ast.FunctionDef):
        return parameters(node, is_method)
    inits = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    if inits:
        return parameters(inits[0], is_method=True)
    if any("dataclass" in ast.unparse(d) for d in node.decorator_list):
        return [n.target.id for n in node.body if isinstance(n, ast.AnnAssign)]
    return None  # the parameters are those of a parent class


@pytest.mark.parametrize("path", FILES, ids=lambda p: module_of(p))
def test_documented_parameters_are_the_real_ones(path):
    assert undocumented(path.read_text(encoding="utf-8")) == []


PLANTED = '''
def f(a, b, *c, d=1, **e):
    """Do.

    Args:
        {names}: what they are,
            and more: of them.

    Returns:
        x: nothing.
    """
'''


def test_a_wrong_parameter_in_a_docstring_is_found():
    assert undocumented(PLANTED.format(names="a, b, *c, d, **e")) == []
    assert undocumented(PLANTED.format(names="a, b")) == [
        "f: documents ['a', 'b'], takes ['a', 'b', 'c', 'd', 'e']"
    ]
    assert undocumented(PLANTED.format(names="b, a, c, d, e")) != []


# Operations.


def operation_names(source):
    """Return the names of the operations that a source defines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "operation":
                    named = [k.value.value for k in decorator.keywords if k.arg == "name"]
                    found.append(named[0] if named else node.name.rstrip("_"))
    return found


def test_no_two_operations_share_a_name():
    names = [name for path in FILES for name in operation_names(path.read_text(encoding="utf-8"))]
    assert len(names) > 100
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize(
    "package", ["callbacks", "initializers", "layers", "losses", "metrics", "optimizers"]
)
def test_no_module_hides_a_public_name_of_its_package(package):
    """As metrics/hinge.py did: once it was imported, gradtape.metrics.hinge was that module."""
    module = importlib.import_module(f"gradtape.{package}")
    hidden = [name for name in module.__all__ if isinstance(getattr(module, name), ModuleType)]
    assert set(hidden) <= {"schedules"}


# Types.


def parameters_typed_any(source):
    """Return how many annotated parameters the functions of a source have, and how many of them are Any."""
    found = [
        ast.unparse(a.annotation)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.arguments)
        for a in [*node.posonlyargs, *node.args, *node.kwonlyargs, node.vararg, node.kwarg]
        if a is not None and a.annotation is not None
    ]
    return len(found), found.count("Any")


def test_any_stands_in_at_most_one_parameter_in_ten():
    counts = [parameters_typed_any(path.read_text(encoding="utf-8")) for path in FILES]
    parameters, of_any = map(sum, zip(*counts, strict=True))
    assert parameters > 5000
    assert of_any <= parameters / 10, f"{of_any} of {parameters} parameters are typed Any"


def test_a_parameter_typed_any_is_counted():
    assert parameters_typed_any("def f(a: Any, *b: int, c: Any = 1, **d: 'Any'): ...") == (4, 2)
