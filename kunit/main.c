// SPDX-License-Identifier: GPL-2.0
/*
 * odma-kunit.ko: every suite, and what became of it.
 *
 * KUnit's report goes through the console. The same numbers, counted here, are
 * in the module parameter "results", which the guest sends another way.
 */
#include <linux/module.h>
#include "shared/fixture.h"
#include "suites.h"

struct odma_result {
	const char *suite;
	int passed;
	int failed;
	int skipped;
};

/* One for each in the list, however long it gets. */
#define ODMA_SUITE_COUNT ARRAY_SIZE(((struct kunit_suite *[]){ ODMA_SUITES }))

static struct odma_result odma_results[ODMA_SUITE_COUNT];
static struct odma_result *odma_result;

/* suite_init of every suite: what follows counts for this one. */
int odma_begin_suite(struct kunit_suite *suite)
{
	struct odma_result *last = &odma_results[ARRAY_SIZE(odma_results) - 1];

	odma_result = odma_result ? odma_result + 1 : odma_results;
	if (WARN_ON(odma_result > last))
		return -ENOSPC;
	odma_result->suite = suite->name;
	return 0;
}

void odma_tally(struct kunit *test)
{
	switch (test->status) {
	case KUNIT_SUCCESS:
		odma_result->passed++;
		break;
	case KUNIT_FAILURE:
		odma_result->failed++;
		break;
	case KUNIT_SKIPPED:
		odma_result->skipped++;
		break;
	}
}

static int odma_get_results(char *buf, const struct kernel_param *kp)
{
	const struct odma_result *r;
	int len = 0;

	for (r = odma_results; odma_result && r <= odma_result; r++)
		len += scnprintf(buf + len, PAGE_SIZE - len,
				 "suite %s %d %d %d\n", r->suite, r->passed,
				 r->failed, r->skipped);
	return len;
}

static const struct kernel_param_ops odma_results_ops = {
	.get = odma_get_results,
};
module_param_cb(results, &odma_results_ops, NULL, 0400);
MODULE_PARM_DESC(results, "what ran: suite <name> <passed> <failed> <skipped>");

ODMA_IMPORT_NS;
MODULE_DESCRIPTION("KUnit suites of odma");
MODULE_LICENSE("GPL");
