# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The sample driver, as a module whose dma_*() calls are odma_*() calls and as
# one that knows nothing of odma: with its device attached, and not. A process
# sees what the device wrote, and nothing else.

# use_edu <phase>: $module is bound
use_edu()
{
	same "$1: the DMA round trip" "$(cat "$(pci "$EDU")/selftest" 2>&1)" pass
	same "$1: a process sees what the device wrote" \
		"$("/odma/edu-mmap" "/dev/$module" 2>&1)" pass
}

# unbind_in_use <phase>: with the file open, and the memory in a process
unbind_in_use()
{
	: >/run/edu
	/odma/edu-mmap "/dev/$module" wait >/run/edu 2>&1 &
	user=$!
	works "$1: a process has mapped the memory" soon grep -q mapped /run/edu
	works "$1: unbind" unbind "$EDU"
	wait "$user"
	same "$1: the process has lost the mapping, and the device" \
		"$? $(tail -n 1 /run/edu)" "0 pass"
	works "$1: bind again" bind "$EDU"
	use_edu "$1, again"
}

# bind_edu <phase>
bind_edu()
{
	works "$1: insmod" insmod "/odma/$module.ko"
	works "$1: the sample binds the device" soon bound "$EDU"
}

unload_edu()
{
	works "$1: rmmod $module" rmmod "$(echo "$module" | tr - _)"
}

for module in odma-edu odma-edu-plain; do
	works "insmod odma" insmod /odma/odma.ko
	works "attach" attach "$EDU" direct stats
	bind_edu "$module, attached"
	works "$module, attached: it is" attached "$EDU"
	use_edu "$module, attached"
	# There and back in the probe, 2048 bytes each way, and once more.
	counters_add_up "$EDU" 8192
	nothing_mapped "$EDU"
	unbind_in_use "$module, attached"
	works "$module, attached: it is again" attached "$EDU"
	works "rmmod odma is refused while the device is attached" not rmmod odma
	unload_edu "$module, attached"
	works "detach" detach "$EDU"
	bind_edu "$module, not attached"
	works "$module, not attached: so it is" not attached "$EDU"
	use_edu "$module, not attached"
	unbind_in_use "$module, not attached"
	unload_edu "$module, not attached"
	works "rmmod odma" unload_odma
done

module=odma-edu-plain
bind_edu "$module, without odma"
use_edu "$module, without odma"
unload_edu "$module, without odma"
