"""Without what only Linux has: the package is imported, trains, records, resumes and opens a step.

No Windows machine and no Mac has been used.  What Python does not have there is taken away from a Python
here before anything is imported; that shows that nothing asks for it, not that all is well there.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TAKEN_AWAY = """
import builtins, io, os, pathlib, signal, subprocess, sys
import numpy  # which asks for its own system's functions

def without(path):
    return str(path).startswith("/proc/")

def guarded(function):
    def open_(path, *args, **kwargs):
        if without(path):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return function(path, *args, **kwargs)
    return open_

builtins.open = guarded(builtins.open)
io.open = guarded(io.open)
pathlib.io.open = io.open
del os.sched_getaffinity
"""

WINDOWS = (
    TAKEN_AWAY
    + """
for module in ("fcntl", "termios", "pwd", "grp", "resource", "tty", "pty", "posix_spawn"):
    sys.modules[module] = None
for name in ("register_at_fork", "fork", "forkpty", "getuid", "geteuid", "getgid", "uname", "sysconf", "getpgid",
             "killpg", "nice", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "fchmod", "chown", "mkfifo",
             "pread", "pwrite", "sync", "posix_fadvise", "getloadavg"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE", "SIGQUIT", "SIGTSTP", "SIGCHLD",
             "setitimer", "alarm", "pthread_sigmask", "siginterrupt", "sigwait"):
    if hasattr(signal, name):
        delattr(signal, name)

def rename(old, new, rename=os.rename):
    if os.path.exists(new):
        raise FileExistsError(183, "Cannot create a file when that file already exists", str(new))
    rename(old, new)

os.rename = rename
"""
)

TRAINS = """
import sys, warnings
import numpy as np
import gradtape as keras

assert keras.engine_info()["threads"] >= 1
def model():
    keras.set_seed(3)
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    made.compile("adam", "mse")
    return made

class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            raise RuntimeError

x = np.arange(24, dtype="f4").reshape(8, 3) / 10
arguments = dict(batch_size=4, epochs=2, verbose=0)
trained = model()
straight = trained.fit(x, x[:, :1], run="straight", **arguments).history["loss"]
try:
    model().fit(x, x[:, :1], run="stopped", callbacks=[Stop()], **arguments)
except RuntimeError:
    pass
resumed = model().fit(x, x[:, :1], run="stopped", resume=True, **arguments).history["loss"]
assert straight == resumed, (straight, resumed)
step = keras.open_run("stopped", x=x, y=x[:, :1]).at(2)
assert "same" in str(step.verdict), step.verdict
trained.save("model.gradtape")
keras.models.load_model("model.gradtape")
print("done")
"""


@pytest.mark.parametrize("taken_away", [TAKEN_AWAY, WINDOWS], ids=["macos", "windows"])
def test_a_network_is_trained_and_recorded(taken_away: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:only soft file lock", "-c", taken_away + TRAINS],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr
