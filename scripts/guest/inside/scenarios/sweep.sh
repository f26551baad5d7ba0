# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # have_disk sets disk
# Every model of MODELS under every rule of RULES, and before and after without
# odma. Which results are right is for the host to say (sweep.py).

# shellcheck source=/dev/null
. /guest/translating.sh

#
# What a device is asked to do. Each says why it failed, and nothing else.
#

# behind <function> <class> [pattern]: the first device of this class there
behind()
{
	for found in /sys/class/"$2"/${3:-*}; do
		case $(readlink -f "$found") in
		*/"$1"/*) echo "${found##*/}" && return ;;
		esac
	done
	return 1
}

# there <what> <command...>
there()
{
	missing=$1
	shift
	soon "$@" || { echo "no $missing" && return 1; }
}

alike()
{
	[ "$2" = "$3" ] || { echo "$1" && return 1; }
}

# reads <file> <unit> <count> <offset>, in units; writes: /tmp/data to there
reads()
{
	timeout 20 dd if="$1" bs="$2" count="$3" skip="$4" iflag=direct 2>/run/dd.log | sum
}

writes()
{
	timeout 20 dd if=/tmp/data of="$1" bs="$2" seek="$4" oflag=direct \
		conv=notrunc,fsync 2>/run/dd.log || { cat /run/dd.log && return 1; }
}

# make_kib <KiB>: /tmp/data
make_kib()
{
	dd if=/dev/urandom of=/tmp/data bs=1k count="$1" 2>/run/dd.log
}

work_disk()
{
	there disk have_disk "$1" || return 1
	alike "the host's data is wrong" \
		"$(reads "/dev/$disk" 128k $((PATTERN_MIB * 8)) 0)" "$PATTERN_SHA256" || return 1
	make_kib 128
	writes "/dev/$disk" 64k 2 $((PATTERN_MIB * 16)) || return 1
	alike "what was written reads wrong" \
		"$(reads "/dev/$disk" 32k 4 $((PATTERN_MIB * 32)))" "$(sum </tmp/data)"
}

# asks <command> [file]: of the host's server
asks()
{
	{
		echo "$1"
		[ $# -lt 2 ] || cat "$2"
	} | timeout 20 nc 10.0.2.2 "$PEER_PORT"
}

work_net()
{
	there interface net_of "$1" || return 1
	net=$(net_of "$1")
	ip link set "$net" up || return 1
	ip addr add 10.0.2.15/24 dev "$net"
	exchange
	result=$?
	ip addr flush dev "$net"
	ip link set "$net" down
	return $result
}

exchange()
{
	there carrier carrier "$net" || return 1
	there "answer to a ping" ping -c 1 -W 1 10.0.2.2 || return 1
	alike "what was received is wrong" "$(asks get | sum)" "$PEER_SHA256" || return 1
	make_kib 256
	alike "what was sent arrived wrong" "$(asks put /tmp/data)" "$(sum </tmp/data)"
}

# A second and a half of noise, more than any buffer takes.
work_sound()
{
	there "sound card" behind "$1" sound 'dsp*' || return 1
	make_kib 12
	timeout 20 dd if=/tmp/data of="/dev/$(behind "$1" sound 'dsp*')" bs=4k \
		2>/run/dd.log || { tail -n 1 /run/dd.log && return 1; }
}

work_screen()
{
	there "frame buffer" behind "$1" graphics 'fb[0-9]*' || return 1
	screen=/dev/$(behind "$1" graphics 'fb[0-9]*')
	make_kib 64
	# Not where the console's cursor blinks.
	dd if=/tmp/data of="$screen" bs=64k seek=8 2>/run/dd.log || return 1
	usleep 100000
	alike "the picture is wrong" \
		"$(dd if="$screen" bs=64k skip=8 count=1 2>/run/dd.log | sum)" "$(sum </tmp/data)"
}

# echoes <device>: is what the host sends back what it was sent?
echoes()
{
	make_kib 2
	timeout 20 sh -c "exec 8<>$1 && cat /tmp/data >&8 && head -c 2048 <&8" >/tmp/echo
	alike "the echo is wrong: $(wc -c </tmp/echo) bytes" "$(sum </tmp/echo)" \
		"$(sum </tmp/data)"
}

work_serial()
{
	there "serial port" behind "$1" tty || return 1
	port=/dev/$(behind "$1" tty)
	stty -F "$port" raw -echo -hupcl clocal 115200 || return 1
	echoes "$port"
}

work_port()
{
	there port behind "$1" virtio-ports || return 1
	there node test -c "/dev/$(behind "$1" virtio-ports)" || return 1
	echoes "/dev/$(behind "$1" virtio-ports)"
}

# feels <function> <monitor's command...>: is there an event then?
feels()
{
	there "input device" behind "$1" input 'event*' || return 1
	input=/dev/input/$(behind "$1" input 'event*')
	shift
	there node test -c "$input" || return 1
	rm -f /run/event
	timeout 20 head -c 24 <"$input" >/run/event &
	usleep 200000
	for command; do
		machine "$command"
		usleep 50000
	done
	soon test -s /run/event
	result=$?
	kill $! 2>/dev/null
	[ $result = 0 ] || echo "no event"
	return $result
}

work_key()
{
	feels "$1" "sendkey a"
}

work_button()
{
	feels "$1" "mouse_button 1" "mouse_button 0"
}

# has_product <function>: behind the root hub
has_product()
{
	for found in /sys/bus/usb/devices/*-*; do
		case $(readlink -f "$found") in
		*/"$1"/*) [ -s "$found/product" ] && [ -e "$found/bConfigurationValue" ] && return ;;
		esac
	done
	return 1
}

work_usb()
{
	there "USB device" has_product "$1"
}

# is_current <source>: of random bytes
is_current()
{
	echo "$1" >/sys/class/misc/hw_random/rng_current &&
		[ "$(cat /sys/class/misc/hw_random/rng_current)" = "$1" ]
}

work_random()
{
	soon grep -q virtio /sys/class/misc/hw_random/rng_available
	rng=$(tr ' ' '\n' </sys/class/misc/hw_random/rng_available | grep virtio)
	there "source of random bytes" is_current "${rng:-virtio_rng}" || return 1
	alike "no random bytes" \
		"$(timeout 20 head -c 1024 /dev/hwrng | wc -c)" 1024 || return 1
	[ "$(head -c 1024 /dev/hwrng | tr -d '\0' | wc -c)" -gt 512 ] || {
		echo "zeroes for random bytes"
		return 1
	}
}

work_share()
{
	mkdir -p /tmp/share
	tag=$(tr -d '\0' <"$(echo "$(pci "$1")"/virtio*/mount_tag)") || return 1
	mount -t 9p -o trans=virtio,version=9p2000.L,msize=65536 "$tag" /tmp/share || return 1
	alike "the host's file is wrong" "$(sum </tmp/share/pattern)" "$SHARED_SHA256"
	result=$?
	if [ $result = 0 ]; then
		make_kib 128
		cp /tmp/data /tmp/share/written
		umount /tmp/share && mount -t 9p \
			-o trans=virtio,version=9p2000.L "$tag" /tmp/share
		alike "what was written reads wrong" "$(sum </tmp/share/written)" \
			"$(sum </tmp/data)"
		result=$?
	fi
	umount /tmp/share
	return $result
}

work_watchdog()
{
	# Its driver does not say that it belongs to the device.
	there watchdog test -c /dev/watchdog0 || return 1
	echo V >/dev/watchdog0
}

#
# One after the other
#

# each_model <command...>: with what is said of it in the variables
each_model()
{
	while IFS='|' read -r model function driver work dma leaves modules; do
		"$@" </dev/null || return 1
	done </run/models
}

load_modules()
{
	# shellcheck disable=SC2086
	works "$model: load $modules" load $modules
}

unbind_if_bound()
{
	! bound "$function" || unbind "$function"
}

# round [rule]: what there is to say of it
round()
{
	bind "$function" || { echo "no driver binds it" && return 1; }
	alike "another driver binds it: $(driver_of "$function")" \
		"$(driver_of "$function")" "$driver" || return 1
	if [ -n "$1" ] && ! attached "$function"; then
		echo "bound, but not attached"
		return 1
	fi
	"work_$work" "$function" || return 1
	[ -z "$1" ] || accounts
}

# accounts: did its DMA go through odma?
accounts()
{
	alike "odma counts $(counter "$function" failures) failures" \
		"$(counter "$function" failures)" 0 || return 1
	seen=$(($(counter "$function" maps) + $(counter "$function" allocs)))
	case $dma:$seen in
	yes:0) echo "no DMA went through odma" && return 1 ;;
	yes:*) ;;
	*:0) ;;
	*) echo "$seen mappings of a device without DMA" && return 1 ;;
	esac
	echo "$seen"
}

# left_behind <rule>: after the unbind; what is wrong about it
left_behind()
{
	case $leaves:$1 in
	# It has nothing of odma's, and does not linger.
	yes:direct*) ;;
	yes:*)
		attached "$function" || {
			echo "it leaves nothing behind, and models.py says otherwise"
			return 1
		}
		put "pci $function force" "$DETACH"
		return
		;;
	esac
	put "pci $function" "$DETACH"
	soon not attached "$function" && return
	put "pci $function force" "$DETACH"
	[ "$leaves" = maybe ] || { echo "it lingers" && return 1; }
}

# try <mode> [rule]
try()
{
	# There would be nothing to compare with.
	if [ -e "/run/fails/$model" ] || echo "$NOT_TRIED" | grep -qxF "$model|$1"; then
		return 0
	fi
	say "begin $model/$(echo "$1" | tr ' ' '-')"
	verdict=failed
	if [ -z "${2:-}" ] || why=$(put "pci $function $2" "$ATTACH"); then
		why=$(round "${2:-}" 2>&1) && verdict=ok
	fi
	[ "$leaves" = no ] || say "expecting leftovers"
	unbind_if_bound
	[ -z "${2:-}" ] || left="$(left_behind "$2")" || {
		verdict=failed
		why="${why:+$why; }$left"
	}
	[ "$leaves" = no ] || say "expecting no more leftovers"
	[ "$verdict:$1" != "failed:$BEFORE" ] || : >"/run/fails/$model"
	echo "case $model|$1|$verdict|$(echo "$why" | tr '\n' ' ')" >&9
	say "begin sweep"
}

mkdir /run/fails
echo "$MODELS" >/run/models
echo "$RULES" >/run/rules
echo 0 >/sys/bus/pci/drivers_autoprobe
# What is built in has its devices already, and their drivers come at once.
each_model unbind_if_bound
each_model load_modules
delay=/sys/module/usb_storage/parameters/delay_use
[ ! -e $delay ] || echo 0 >$delay

each_model try "$BEFORE"
if with_odma; then
	works "insmod odma" load_odma
	works "insmod the modules of the backends" load_iommu
	while IFS='|' read -r mode rule; do
		each_model try "$mode" "$rule"
	done </run/rules
	# What is ended by force keeps them.
	if [ -z "$LEAVERS" ]; then
		works "rmmod the modules of the backends" unload_iommu
		works "rmmod odma" unload_odma
	fi
	each_model try "$AFTER"
fi
