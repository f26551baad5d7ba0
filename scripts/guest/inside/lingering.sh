# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034 # the scenarios look at old
# Devices whose driver has left something behind: see samples/edu/leaver.c.

LEAVER=/sys/module/odma_edu_leaver/parameters

# What odma says of that is this scenario's subject.
expect_leftovers()
{
	say "expecting leftovers"
}

no_more_leftovers()
{
	say "expecting no more leftovers"
}

load_leaver()
{
	insmod /odma/odma-edu-leaver.ko bits=32
}

# let_go <unmap, free, all or forget>
let_go()
{
	echo "$1" >"$LEAVER/let_go"
}

# leaver_leaves <0 or 1>
leaver_leaves()
{
	echo "$1" >"$LEAVER/leave"
}

# moves_right <phase> <function>: by what the driver has now
moves_right()
{
	# They come after the probe, which may be asynchronous.
	soon test -e "$(pci "$2")/selftest"
	same "$1: the device's bytes come and go" \
		"$(cat "$(pci "$2")/selftest" 2>&1)" "0 wrong"
}

# copied_back <phase>: by every unmap so far
copied_back()
{
	same "$1: every byte is there after the late unmap" "$(cat "$LEAVER/wrong")" 0
}

# attachment <function> <column>: of its line; see Documentation/rules.md
attachment()
{
	awk -v dev="$1" -v column="$2" '$2 == dev { print $column }' \
		/sys/kernel/odma/attachments
}

# lingers <phase> <function> <backend> <driver> <owner> <mappings> <allocations>
lingers()
{
	same "$1: it lingers" "$(counter "$2" state)" lingering
	same "$1: who left what behind" \
		"$(awk -v dev="$2" '$2 == dev { print $3, $4, $5, $6, $8, $10 }' \
			/sys/kernel/odma/attachments)" \
		"$3 lingering $4 $5 $6 $7"
	works "$1: debugfs says so too" sh -c \
		"grep '$2' /sys/kernel/debug/odma/devices | grep -q lingering"
	works "$1: the tool says so too" sh -c \
		"odma status | grep '$2' | grep -q lingering"
}

# given_back <phase> <function>: in no more than five seconds
given_back()
{
	waited=0
	while attached "$2" && [ "$waited" -lt 50 ]; do
		waited=$((waited + 1))
		usleep 100000
	done
	works "$1: it is given back" not attached "$2"
}

# begin_lingering: odma with its backends, and the driver; no device is bound
begin_lingering()
{
	works "insmod odma" load_odma
	works "insmod the modules of the backends" load_iommu
	works "insmod the driver that leaves things behind" load_leaver
	works "the driver binds the device" soon bound "$EDU"
	leaver_leaves 0
	unbind "$EDU"
	leaver_leaves 1
}

addresses()
{
	cat "$(pci "$EDU")/addresses"
}

# leave_behind <phase> <words...>: the driver comes and goes, by a rule; $old is
# where its things are
leave_behind()
{
	name=$1
	shift
	works "$name: rule" put "pci $EDU $*" "$ATTACH"
	works "$name: bind" bind "$EDU"
	same "$name: attached" "$(counter "$EDU" state)" attached
	moves_right "$name" "$EDU"
	old=$(addresses)
	works "$name: unbind" unbind "$EDU"
}

# all_is_well <phase>: on the kernel's own DMA, with nothing left in the end
all_is_well()
{
	works "$1: bind" bind "$EDU"
	works "$1: not attached" not attached "$EDU"
	moves_right "$1" "$EDU"
	leaver_leaves 0
	unbind "$EDU"
	leaver_leaves 1
}
