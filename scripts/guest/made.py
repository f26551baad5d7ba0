# SPDX-License-Identifier: GPL-2.0
"""What some scenarios need besides the modules, made when they are run."""

import subprocess

from kernel import TOP

E1000_SOURCE = "drivers/net/ethernet/intel/e1000"


def _run(*command):
    """What went wrong; empty if nothing did."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace",
                          check=False)
    return done.stdout.strip() or "failed" if done.returncode else ""


def _edu_mmap(_kernel, _build, folder):
    """The program that maps the sample driver's memory."""
    program = folder / "edu-mmap"
    why = _run("cc", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program,
               TOP / "samples/edu/edu-mmap.c")
    return "edu-mmap compiles", why, [("odma/edu-mmap", program)]


def _redirected(kernel, build, folder):
    """A driver of the kernel, its source unchanged, on redirect.h."""
    made = folder / "redirect"
    why = _run(TOP / "scripts/build-redirect", kernel.series, E1000_SOURCE, made,
               build.resolve() / kernel.build_name / "Module.symvers")
    return ("e1000 builds with redirect.h, and calls odma instead of the kernel", why,
            [("odma/redirect/e1000.ko", made / "e1000.ko")])


_MAKERS = {"edu": _edu_mmap, "redirect": _redirected}


def make(kernel, scenarios, build, folder):
    """(scenario, check, why it failed, [(path in the guest, path)]) of each."""
    for scenario in scenarios:
        if scenario in _MAKERS:
            yield (scenario, *_MAKERS[scenario](kernel, build, folder))
