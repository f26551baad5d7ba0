# SPDX-License-Identifier: GPL-2.0
"""The kernels that guests run, and their modules."""

import lzma
import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# The Debian series under test, oldest first.  Which version each of them is
# today is for Debian's metapackages to say, see scripts/kernels.
SERIES = ("6.1", "6.12")
NEWEST = SERIES[-1]

# The KUnit kernel with everything that finds mistakes (KASAN, lockdep,
# kmemleak, ...); of the drivers it has NVMe.
DEBUG = "6.12-debug"
DEBUG_FLAVOUR = f"x86_64-{DEBUG}"

KERNELS = (*SERIES, DEBUG)


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


def _module_name(path):
    return _plain(Path(path).name.split(".ko")[0])


class Kernel:
    """One stock kernel: where its image is, what its modules depend on."""

    append = ()
    # how many times longer than on a stock kernel things may take
    slowness = 1

    def __init__(self, series):
        self.series = series
        self._path = {}
        self._needs = {}
        self.builtin = set()
        self._find()
        self._read_dependencies()

    def _find(self):
        self.root = Path(_ask("stock", self.series))
        # as uname -r says it
        self.version = _ask("version", self.series)
        # the folder under build/ that has the project's modules for it
        self.build_name = self.version
        self.image = self.root / "boot" / f"vmlinuz-{self.version}"
        self.modules = self.root / "lib/modules" / self.version

    def prepare(self, build):
        """Build the project's modules, where they are not elsewhere."""
        if Path(build).resolve() != TOP / "build":
            return
        done = subprocess.run(
            ["make", "-C", str(TOP), "-s", f"-j{os.cpu_count()}",
             f"KDIR={self._headers()}", f"KVER={self.build_name}", "modules"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise KernelError(f"the modules did not build:\n{done.stdout}")

    def _headers(self):
        return _ask("headers", self.series)

    def _read_dependencies(self):
        for line in (self.modules / "modules.dep").read_text().splitlines():
            path, _, needs = line.partition(":")
            name = _module_name(path)
            self._path[name] = path
            self._needs[name] = [_module_name(n) for n in needs.split()]
        self._read_builtin()

    def _read_builtin(self):
        self.builtin = {
            _module_name(line)
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


class DebugKernel(Kernel):
    """The KUnit debug kernel, run from the directory that it was built in."""

    append = (
        "page_poison=1",
        # as stock kernels have it; the scenarios read the log
        "printk.time=1",
    )
    slowness = 4

    def _find(self):
        self.root = Path(_ask("kunit", DEBUG_FLAVOUR))
        self.version = (self.root / "include/config/kernel.release").read_text().strip()
        self.build_name = f"kunit-{DEBUG_FLAVOUR}"
        self.image = self.root / "arch/x86/boot/bzImage"
        self.modules = self.root

    def _read_dependencies(self):
        # Nobody has run depmod here, but the modules themselves know.
        depends = {}
        for line in (self.modules / "modules.order").read_text().splitlines():
            path = Path(line).with_suffix(".ko")
            name = _module_name(path)
            self._path[name] = str(path)
            depends[name] = self._depends(self.modules / path)
        self._needs = {name: self._in_order(name, depends) for name in depends}
        self._read_builtin()

    @staticmethod
    def _in_order(name, depends):
        """All that a module needs, as depmod lists it: the last is to load first."""
        order = []

        def visit(other):
            for need in depends.get(other, ()):
                visit(need)
            if other not in order:
                order.append(other)

        visit(name)
        return order[-2::-1]

    @staticmethod
    def _depends(path):
        # The .modinfo section is a row of key=value, with a 0 after each.
        for entry in path.read_bytes().split(b"\0"):
            if entry.startswith(b"depends="):
                return [_plain(name) for name in entry[8:].decode().split(",") if name]
        raise KernelError(f"{path} does not say what it depends on")

    def _headers(self):
        return self.root


def find(name):
    """The kernel of this name, one of KERNELS."""
    return DebugKernel(name) if name == DEBUG else Kernel(name)


def project_modules(kernel, build):
    """Every module of the project that was built for this kernel."""
    folder = Path(build) / kernel.build_name
    return {path.name: path for path in sorted(folder.rglob("*.ko"))}
