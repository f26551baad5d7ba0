# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Everything that must be refused: with the errno that the interface
# promises, and with exactly one line in the kernel log.

load nvme
works "insmod odma" load_odma

# odma_lines_since <mark>: how many lines odma has logged after a mark
odma_lines_since()
{
	dmesg | awk -v mark="guest: mark $1 " '
		index($0 " ", mark) { lines = 0 }
		/\] odma: / { lines++ }
		END { print lines + 0 }'
}

# refused <check> <file> <errno text> <line>
marks=0
refused()
{
	marks=$((marks + 1))
	say "mark $marks"
	if why=$(put "$4" "$2"); then
		fail "$1: refused" "it was accepted"
	else
		case $why in
		*": $3") pass "$1: $3" ;;
		*) fail "$1: $3" "got '$why'" ;;
		esac
	fi
	same "$1: one line in the log" "$(odma_lines_since "$marks")" 1
}

# accepted <check> <file> <line> <lines in the log>
accepted()
{
	marks=$((marks + 1))
	say "mark $marks"
	works "$1: accepted" put "$3" "$2"
	same "$1: $4 lines in the log" "$(odma_lines_since "$marks")" "$4"
}

long=$(head -c 3000 /dev/zero | tr '\0' x)

refused "rule for a bound device" "$ATTACH" "Device or resource busy" "pci $NVME direct"
works "still bound to its driver" bound "$NVME"
unbind "$NVME"
refused "unknown backend" "$ATTACH" "No such file or directory" "pci $NVME nonesuch"
refused "unknown bus" "$ATTACH" "No such device" "nonesuch $NVME direct"
refused "unknown word" "$ATTACH" "Invalid argument" "pci $NVME direct nonesuch"
refused "unknown key" "$ATTACH" "Invalid argument" "pci $NVME direct nonesuch=1"
refused "one word" "$ATTACH" "Invalid argument" "pci"
refused "two words" "$ATTACH" "Invalid argument" "pci $NVME"
refused "over-long line" "$ATTACH" "Invalid argument" "pci $NVME direct $long"
refused "over-long device" "$ATTACH" "Invalid argument" "pci $long direct"
refused "detach of what is not attached" "$DETACH" "No such file or directory" "pci $NVME"
refused "detach of one word" "$DETACH" "Invalid argument" "pci"
refused "a value that the option does not have" "$ATTACH" "Invalid argument" \
	"pci $NVME direct coherent=maybe"
refused "an option without a value" "$ATTACH" "Invalid argument" "pci $NVME direct coherent="
refused "an option without a key" "$ATTACH" "Invalid argument" "pci $NVME direct =no"
refused "a word before the backend" "$ATTACH" "No such file or directory" \
	"pci $NVME stats direct"
refused "the backend first" "$ATTACH" "No such file or directory" \
	"direct pci $NVME"
# A bus whose code could go away is no bus for a rule.  Which are modules
# differs between kernels, and a bus without devices is as good as none.
if is_module virtio && is_module virtio_blk; then
	load virtio_pci virtio_blk
	works "the bus virtio is there" soon test -e /sys/bus/virtio/devices/virtio0
	refused "a bus inside a module: virtio" "$ATTACH" "No such device" "virtio virtio0 direct"
	works "the log says why" sh -c "dmesg | grep 'odma: ' | tail -n 1 | grep -q 'inside a module'"
fi
if is_module scsi_mod && is_module ahci; then
	load ahci sd_mod
	works "the bus scsi is there" soon have_disk "$AHCI"
	refused "a bus inside a module: scsi" "$ATTACH" "No such device" "scsi 0:0:0:0 direct"
	works "the log says why" sh -c "dmesg | grep 'odma: ' | tail -n 1 | grep -q 'inside a module'"
fi
same "no rule has come of it" "$(cat /sys/kernel/odma/rules)" ""

accepted "a platform device that is not there" "$ATTACH" "platform nonesuch.0 direct" 1
works "the log says that the rule waits" sh -c \
	"dmesg | grep 'odma: ' | tail -n 1 | grep -q 'nonesuch.0 waits'"
accepted "detach of what is not there" "$DETACH" "platform nonesuch.0" 0
# Behind the backend the order of words does not matter, nor does space.
for words in "coherent=yes stats" "stats coherent=yes" "$TAB coherent=yes $TAB stats "; do
	accepted "words in any order: $(echo "$words" | tr "$TAB" _)" "$ATTACH" \
		"pci $NVME direct $words" 0
	same "the rule reads the same" "$(cat /sys/kernel/odma/rules)" \
		"pci $NVME direct stats coherent=yes"
	works "away with it" put "pci $NVME" "$DETACH"
done

works "the first rule" put "pci $NVME direct" "$ATTACH"
refused "the same rule twice" "$ATTACH" "File exists" "pci $NVME direct"
bind "$NVME"
works "attached" attached "$NVME"
works "rmmod odma is refused while attached" not rmmod odma
disk_io "attached" "$NVME" 0
works "detach" detach "$NVME"
disk_io "detached" "$NVME" 1
works "rmmod odma" unload_odma
unload nvme
