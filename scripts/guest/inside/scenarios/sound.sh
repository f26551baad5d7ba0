# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sound cards: what ALSA allocates, and how it asks for it, no other driver does.

# shellcheck source=/dev/null
. /guest/translating.sh

# card_of <function>: the number of the sound card behind it
card_of()
{
	for found in /sys/class/sound/card*; do
		case $(readlink -f "$found") in
		*/"$1"/*) echo "${found##*/card}" && return ;;
		esac
	done
	return 1
}

# listed <function>: /proc/asound/cards has it, and it can play
listed()
{
	number=$(card_of "$1") && grep -q "^ *$number " /proc/asound/cards &&
		[ -c "$(dsp_of "$number")" ]
}

# dsp_of <number>: the first is dsp, and the next one dsp1
dsp_of()
{
	echo "/dev/dsp${1#0}"
}

# play <phase> <function>: two seconds of eight bits at 8 kHz, through the
# driver's buffer; a device that can't read it never takes so much
play()
{
	if ! soon listed "$2"; then
		fail "$1: the card is in /proc/asound/cards" "no card behind $2"
		return 0
	fi
	pass "$1: the card is in /proc/asound/cards"
	works "$1: it plays" timeout 60 dd if=/dev/urandom \
		of="$(dsp_of "$(card_of "$2")")" bs=4k count=4
}

# attached_play <function> <backend> [words...]
attached_play()
{
	works "$1 $2: attach" attach "$@" stats
	play "$1 $2" "$1"
	if with_odma; then
		works "$1 $2: attached" attached "$1"
		same "$1 $2: sysfs names the backend" "$(counter "$1" backend)" "$2"
		at_least "$1 $2: allocations" "$(counter "$1" allocs)" 1
		same "$1 $2: no failures counted" "$(counter "$1" failures)" 0
		report_counters "$1"
	fi
	works "$1 $2: detach" detach "$1"
}

load snd_hda_codec_generic snd_intel8x0 snd_ens1370 snd_hda_intel snd_pcm_oss
works "insmod odma" load_odma
with_odma && works "insmod the modules of the backends" load_iommu
for card in "$AC97" "$ES1370" "$HDA"; do
	attached_play "$card" direct
	attached_play "$card" swiotlb force
	attached_play "$card" iommu strict
	play "$card detached" "$card"
done
with_odma && works "rmmod the modules of the backends" unload_iommu
works "rmmod odma" unload_odma
unload snd_pcm_oss snd_hda_intel snd_ens1370 snd_intel8x0
