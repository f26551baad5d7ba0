# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# e1000 as it is in linux-source, built with <odma/redirect.h>: on an attached
# device and on one that is not, where odma_*() must behave as dma_*() does.

# shellcheck source=/dev/null
. /guest/tracing.sh

works "insmod odma" load_odma
works "insmod e1000, built with redirect.h" insmod /odma/redirect/e1000.ko
works "it is linked against odma" test -e /sys/module/odma/holders/e1000
works "it binds the card" soon bound "$E1000"
works "rmmod odma is refused" not rmmod odma
net_io "not attached" "$E1000"
net_down

works "attach" attach "$E1000" direct stats
works "attached" attached "$E1000"
# One small transfer is enough for the trace; the counters see the rest.
trace_on
net_up "$E1000"
trace_off
trace_shows map unmap
net_io "attached" "$E1000"
net_down
nothing_mapped "$E1000"
counters_add_up "$E1000" $(((2 * NET_MIB) << 20))
at_least "sysfs counts the allocations" "$(counter "$E1000" allocs)" 1
at_least "sysfs counts the syncs" "$(counter "$E1000" syncs)" 1

works "detach" detach "$E1000"
works "no longer attached" not attached "$E1000"
net_io "detached" "$E1000"
net_down
works "rmmod e1000" rmmod e1000
works "rmmod odma" unload_odma
