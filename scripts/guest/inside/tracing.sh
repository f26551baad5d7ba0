# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The tracepoints, with a shell as the only tool.

tracing=/sys/kernel/tracing
[ -d "$tracing/events" ] || mount -t tracefs tracefs "$tracing"

trace_clear()
{
	echo >"$tracing/trace"
}

trace_on()
{
	trace_clear
	echo 1 >"$tracing/events/odma/enable"
}

trace_off()
{
	echo 0 >"$tracing/events/odma/enable"
}

# trace_shows <event...>
trace_shows()
{
	for event; do
		at_least "the trace shows odma_$event" \
			"$(grep -c " odma_$event: " "$tracing/trace")" 1
	done
}
