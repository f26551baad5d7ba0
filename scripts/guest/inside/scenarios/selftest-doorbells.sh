# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_disk sets disk
# For the harness's own test: does the machine lose a doorbell? So many small
# requests that the driver often adds some just when the disk has done the last.
# A queue whose doorbell is lost stands still, and its requests time out.

SECONDS_READ=180

read_on()
{
	while [ ! -e /run/enough ]; do
		dd if="/dev/$disk" of=/dev/null bs="$1" iflag=direct 2>/run/dd.log
	done
}

requests()
{
	awk '{ print $1 }' "/sys/block/$disk/stat"
}

timeouts()
{
	dmesg | grep -c "timeout, "
}

load nvme
find_disk "$NVME"
echo 8000 >"/sys/block/$disk/queue/io_timeout"
echo 4 >"/sys/block/$disk/queue/max_sectors_kb"
rm -f /run/enough
for size in 128k 256k 512k 1M; do
	read_on "$size" &
done
begun=$(requests)
left=$SECONDS_READ
while [ "$left" -gt 0 ] && [ "$(timeouts)" = 0 ]; do
	sleep 1
	left=$((left - 1))
	[ $((left % 10)) != 0 ] || say "$(requests) requests"
done
at_least "requests" $(($(requests) - begun)) 100000
same "none of them has timed out" "$(timeouts)" 0
: >/run/enough
wait
unload nvme
