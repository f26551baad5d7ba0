# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Two devices that the IOMMU can't tell apart. One is translated by odma's
# domain, and its probe fails, or its driver leaves something behind; the other
# one, without a rule, is bound at that moment.

# shellcheck source=/dev/null
. /guest/translating.sh
# shellcheck source=/dev/null
. /guest/lingering.sh

fails()
{
	echo "$1" >/sys/module/odma_edu_leaver/parameters/fail
}

note_names()
{
	counter "$1" note | grep -q "$2"
}

not_attached()
{
	not attached "$1"
}

# begin_<kind>: what happens to the first device, right before the other is bound
begin_clean()
{
	leaver_leaves 0
	fails 1
	echo "$BEHIND_A" >/sys/bus/pci/drivers_probe
	echo "$BEHIND_B" >/sys/bus/pci/drivers_probe
}

begin_leftovers()
{
	leaver_leaves 1
	fails 1
	echo "$BEHIND_A" >/sys/bus/pci/drivers_probe
	echo "$BEHIND_B" >/sys/bus/pci/drivers_probe
}

begin_unbind()
{
	leaver_leaves 1
	fails 0
	echo "$BEHIND_A" >/sys/bus/pci/drivers_probe
	unbind "$BEHIND_A"
	echo "$BEHIND_B" >/sys/bus/pci/drivers_probe
}

# on_its_behalf <phase> <kind>: how the other one stands now
on_its_behalf()
{
	if ! bound "$BEHIND_B"; then
		# The kernel may say no, while the first one's bind is under way.
		works "$1: the other one can be bound then" soon bind "$BEHIND_B"
	fi
	if attached "$BEHIND_B"; then
		joined=$((joined + 1))
		same "$1: the other one is attached as it is" \
			"$(counter "$BEHIND_B" backend) $(counter "$BEHIND_B" state)" \
			"iommu attached"
		works "$1: its note names the first one" note_names "$BEHIND_B" "$BEHIND_A"
		return
	fi
	same "$1: without it, there is nothing of the first one's" \
		"$2 $(attached "$BEHIND_A" && echo attached)" "clean "
}

# one_round <kind>
one_round()
{
	rounds=$((rounds + 1))
	phase="$rounds, $1"
	"begin_$1"
	on_its_behalf "$phase" "$1"
	net_io "$phase" "$BEHIND_B"
	net_down
	works "$phase: unbind the other one" unbind "$BEHIND_B"
	works "$phase: late unmap and free" let_go all
	works "$phase: the first one is given back" soon not_attached "$BEHIND_A"
	works "$phase: the other one is given back" soon not_attached "$BEHIND_B"
}

load e1000
works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu
works "both are in one group" [ "$(readlink -f "$(pci "$BEHIND_A")/iommu_group")" = \
	"$(readlink -f "$(pci "$BEHIND_B")/iommu_group")" ]
unbind "$BEHIND_B"
# It drives the bridge, which is in the group, and would be in the way.
[ "$(driver_of "$BRIDGE")" != shpchp ] || unbind "$BRIDGE"
works "insmod the driver that leaves things behind" load_leaver
leaver_leaves 0
works "the driver binds the device" soon bound "$BEHIND_A"
unbind "$BEHIND_A"

expect_leftovers
works "rule" put "pci $BEHIND_A iommu strict" "$ATTACH"
rounds=0
joined=0
for _ in 1 2 3 4; do
	for kind in clean leftovers unbind; do
		one_round $kind
	done
done
at_least "how often the other one joined the first one" $joined 8
no_more_leftovers

works "no rule" put "pci $BEHIND_A" "$DETACH"
leaver_leaves 0
works "rmmod the driver that leaves things behind" rmmod odma_edu_leaver
works "bind the other one" bind "$BEHIND_B"
net_io "in the end" "$BEHIND_B"
net_down
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
unload e1000
