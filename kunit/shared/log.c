// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel log says: read from its buffer, for consoles come later.
 */
#include <linux/printk.h>
#include <linux/string.h>
#include "log.h"

int odma_log_count(struct kmsg_dump_iter *mark, const char *words)
{
	static char line[512];
	size_t len;
	int found = 0;

	while (kmsg_dump_get_line(mark, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		found += !!strstr(line, words);
	}
	return found;
}

void odma_log_mark(struct kmsg_dump_iter *mark)
{
	kmsg_dump_rewind(mark);
	odma_log_count(mark, "");
}

/* scripts/guest/scan.py knows these words. */
void odma_log_leftovers(bool expected)
{
	pr_info("odma-kunit: expecting %sleftovers\n",
		expected ? "" : "no more ");
}
