# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For the harness's own test: helpers that must fail.
same "same" a b
at_least "at_least" 1 2
at_least "at_least of something that is no number" none 2
at_most "at_most" 3 2
works "works" false
