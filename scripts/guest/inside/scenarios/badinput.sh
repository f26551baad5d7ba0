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
same "no rule has come of it" "$(cat /sys/kernel/odma/rules)" ""

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
