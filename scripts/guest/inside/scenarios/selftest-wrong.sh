# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For the harness's own test: all is well, says the guest, and the host knows
# better.  The checksums are those of nothing.
empty=$(sum </dev/null)
pass "everything is fine"
echo "wrote $NVME $PATTERN_MIB 1 $empty" >&9
echo "sent $empty" >&9
