# SPDX-License-Identifier: GPL-2.0
"""The stock Debian kernels that guests run, and their modules."""

import lzma
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# The Debian series under test, oldest first.  Which version each of them is
# today is for Debian's metapackages to say, see scripts/kernels.
SERIES = ("6.1", "6.12")
NEWEST = SERIES[-1]


class KernelError(Exception):
    """A kernel, or one of its modules, is not there."""


def _ask(*args):
    done = subprocess.run(
        [str(TOP / "scripts/kernels"), *args],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise KernelError(f"scripts/kernels {' '.join(args)} failed")
    return done.stdout.strip()


def _plain(name):
    """Module names are spelt with - or _ as the mood takes their authors."""
    return name.replace("-", "_")


class Kernel:
    """One stock kernel: where its image is, what its modules depend on."""

    def __init__(self, series):
        self.series = series
        self.root = Path(_ask("stock", series))
        self.version = _ask("version", series)
        self.image = self.root / "boot" / f"vmlinuz-{self.version}"
        self.modules = self.root / "lib/modules" / self.version
        self._path = {}
        self._needs = {}
        self._read_dependencies()

    @staticmethod
    def _module_name(path):
        return _plain(Path(path).name.split(".ko")[0])

    def _read_dependencies(self):
        for line in (self.modules / "modules.dep").read_text().splitlines():
            path, _, needs = line.partition(":")
            name = self._module_name(path)
            self._path[name] = path
            self._needs[name] = [self._module_name(n) for n in needs.split()]
        self.builtin = {
            self._module_name(line)
            for line in (self.modules / "modules.builtin").read_text().splitlines()
        }

    def closure(self, names):
        """The loadable modules among `names`, with all that they need."""
        wanted = []
        for name in map(_plain, names):
            if name in self._path:
                wanted.append(name)
            elif name not in self.builtin:
                raise KernelError(f"{self.version} has no module {name}")
        found = []
        while wanted:
            name = wanted.pop()
            if name not in found:
                found.append(name)
                wanted.extend(self._needs[name])
        return sorted(found)

    def module_files(self, names):
        """(path in the guest, content) of what modprobe needs to load `names`.

        The modules are unpacked here, as busybox's modprobe can't do it for
        every compression that a distribution may choose.
        """
        base = f"lib/modules/{self.version}"
        dependencies = []
        for name in self.closure(names):
            needs = " ".join(f"{n}.ko" for n in self._needs[name])
            dependencies.append(f"{name}.ko: {needs}".rstrip() + "\n")
            yield f"{base}/{name}.ko", self._module_content(name)
        yield f"{base}/modules.dep", "".join(dependencies).encode()

    def _module_content(self, name):
        path = self.modules / self._path[name]
        if path.suffix == ".xz":
            return lzma.decompress(path.read_bytes())
        if path.suffix == ".ko":
            return path.read_bytes()
        raise KernelError(f"{path}: don't know how to unpack this")


def project_modules(kernel, build):
    """Every module of the project that was built for this kernel."""
    folder = Path(build) / kernel.version
    return {path.name: path for path in sorted(folder.rglob("*.ko"))}
