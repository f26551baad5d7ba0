# SPDX-License-Identifier: GPL-2.0
"""Does the harness notice what it is there to notice?

Guests that fail in every way that a guest can; each must be reported as a
failure, and as the right one. And one that works its disk hard must not fail.
"""

import shutil
from dataclasses import replace

import boots
from session import ANSWER_BEGINS, Session

# boot, seconds of silence that end it, the failures that must be reported
CASES = (
    (
        replace(boots.DEMO, name="selftest-lies",
                scenarios=("selftest-quits", "selftest-wrong", "selftest-noise",
                           "selftest-fails")),
        60,
        (
            "selftest-quits: ran to its end",
            "selftest-lies: nvme: the image on the host holds the 1 blocks that were written",
            "selftest-lies: the host has the 1 streams sent",
            "selftest-lies: clean kernel log during selftest-noise",
            "selftest-fails: same",
            "selftest-fails: at_least",
            "selftest-fails: at_least of something that is no number",
            "selftest-fails: at_most",
            "selftest-fails: works",
        ),
    ),
    (
        boots.Boot(name="selftest-crash", scenarios=("selftest-crash",),
                   qemu=("-machine", "pc"), modules=()),
        60,
        (
            "selftest-crash: came to its end",
            "selftest-crash: powered itself off",
            "selftest-crash: clean kernel log during selftest-crash",
        ),
    ),
    (
        boots.Boot(name="selftest-hang", scenarios=("selftest-hang",),
                   qemu=("-machine", "pc"), modules=()),
        20,
        (
            "selftest-hang: came to its end",
            "selftest-hang: powered itself off",
        ),
    ),
    (
        replace(boots.DEMO, name="selftest-doorbells",
                scenarios=("selftest-doorbells",)),
        60,
        (),
    ),
)


def run(kernel, options, tally):
    for boot, silence, expected in CASES:
        guest = replace(options, build=None, silence=silence)
        result = Session(kernel, boot, guest).run()
        reported = {f"{check.scenario}: {check.name}" for check in result.failed}
        for name in expected:
            tally.add(kernel.series, f"harness notices: {name}",
                      "" if name in reported else "it was not reported as a failure")
        if boot.name == "selftest-hang":
            asked = result.folder and ANSWER_BEGINS in (
                result.folder / "console.log").read_text(errors="replace")
            tally.add(kernel.series, "harness asks a guest why it hangs",
                      "" if asked else "there is no answer in its log")
        if result.folder and not options.keep:
            shutil.rmtree(result.folder)
        extra = sorted(reported - set(expected))
        tally.add(kernel.series, f"harness reports nothing else of {boot.name}",
                  "; ".join(extra))
