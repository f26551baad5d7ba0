// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints' own code.
 */
#define CREATE_TRACE_POINTS
#include <trace/events/odma.h>

EXPORT_TRACEPOINT_SYMBOL_GPL(odma_map);
EXPORT_TRACEPOINT_SYMBOL_GPL(odma_unmap);
EXPORT_TRACEPOINT_SYMBOL_GPL(odma_sync);
