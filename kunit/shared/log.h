/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel log says, for cases where a line in it is the result.
 */
#ifndef _ODMA_KUNIT_LOG_H
#define _ODMA_KUNIT_LOG_H

#include <linux/kmsg_dump.h>

/* From here on. */
void odma_log_mark(struct kmsg_dump_iter *mark);

/* How many lines since the mark have these words; the mark moves to the end. */
int odma_log_count(struct kmsg_dump_iter *mark, const char *words);

/* Drivers that leave something behind are what the case is about, or not. */
void odma_log_leftovers(bool expected);

#endif /* _ODMA_KUNIT_LOG_H */
