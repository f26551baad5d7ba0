// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark: it measures while it is loaded, and says in the kernel log
 * what came of it. scripts/bench runs it and reads that.
 */
#define pr_fmt(fmt) "odma-bench: " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/string.h>
#include <odma/compat.h>
#include "bench.h"

static char *run = "tables";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "what to measure, comma separated");

unsigned int bench_rounds = 5;
module_param_named(rounds, bench_rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "how often, 1 to 9");

static unsigned int failures;

/* Goes on: the log tells it all, and the load fails at the end. */
void bench_fail(const char *impl, const char *what, long error)
{
	failures++;
	pr_err("failed: %s, %s: %ld\n", impl, what, error);
}

void bench_report(const struct bench_series *series)
{
	char ticks[BENCH_ROUNDS * 21];
	unsigned int i;
	int len = 0;

	for (i = 0; i < bench_rounds; i++)
		len += scnprintf(ticks + len, sizeof(ticks) - len, " %llu",
				 series->ticks[i]);
	pr_info("%s|%s|%s|%s|%u|%s\n", series->group, series->impl,
		series->what, series->op, series->ops, ticks + 1);
}

/* Is @name one of the words in run=? */
static bool wanted(const char *name)
{
	const size_t len = strlen(name);
	const char *word = run;

	while (word) {
		if (!strncmp(word, name, len) &&
		    (!word[len] || word[len] == ','))
			return true;
		word = strchr(word, ',');
		if (word)
			word++;
	}
	return false;
}

static int __init bench_init(void)
{
	struct device *dev;

	if (!bench_rounds || bench_rounds > BENCH_ROUNDS)
		return -EINVAL;
	dev = root_device_register("odma-bench");
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (wanted("tables")) {
		bench_tables(&bench_kernel_tables, dev);
		bench_tables(&bench_odma_tables, dev);
	}
	bench_devices(wanted);
	root_device_unregister(dev);
	pr_info("done, %u failures\n", failures);
	return failures ? -EIO : 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
}
module_exit(bench_exit);

MODULE_DESCRIPTION("odma: benchmark");
MODULE_LICENSE("GPL");
ODMA_IMPORT_NS;
