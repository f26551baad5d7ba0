# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The sample driver, linked against odma's exported symbols: with its device
# attached, and with one that is not, where odma_* must behave as dma_* does.

works "insmod odma" insmod /odma/odma.ko
works "attach" attach "$EDU" direct stats
works "insmod odma-edu" insmod /odma/odma-edu.ko
works "the sample binds the device" soon bound "$EDU"
same "attached: the DMA round trip" "$(cat "$(pci "$EDU")/selftest" 2>&1)" pass
# There and back, 2048 bytes each way.
counters_add_up "$EDU" 4096
nothing_mapped "$EDU"
works "rmmod odma is refused while the device is attached" not rmmod odma
works "rmmod odma-edu" rmmod odma_edu
works "detach" detach "$EDU"
works "insmod odma-edu again" insmod /odma/odma-edu.ko
works "the sample binds the device again" soon bound "$EDU"
works "not attached" not attached "$EDU"
same "not attached: the DMA round trip" "$(cat "$(pci "$EDU")/selftest" 2>&1)" pass
works "rmmod odma-edu at the end" rmmod odma_edu
works "rmmod odma" unload_odma
