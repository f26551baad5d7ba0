// SPDX-License-Identifier: GPL-2.0
/*
 * The list of suites, and how they are run.
 *
 * From 6.6 on KUnit runs, filtered, what it finds in a module's section. Before
 * that it runs everything that it finds there, and prints a document of its own
 * for each suite, of which kunit.py reads one: so there the filter and the
 * document around the suites are made here.
 */
#include <linux/glob.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "shared/fixture.h"
#include "suites.h"

#ifdef ODMA_HAVE_KUNIT_MODULE_FILTER

kunit_test_suites(ODMA_SUITES);

#else

static char *filter = "*";
module_param(filter, charp, 0400);
MODULE_PARM_DESC(filter, "<suite glob>[.<case glob>]");

static struct kunit_suite *odma_suites[] = { ODMA_SUITES };
static int odma_suite_count;

/* Leaves the matching cases at the front of the suite's table. */
static bool odma_keep_cases(struct kunit_suite *suite, const char *glob)
{
	struct kunit_case *from = suite->test_cases, *to = from;

	for (; from->run_case; from++)
		if (!glob || glob_match(glob, from->name))
			*to++ = *from;
	memset(to, 0, sizeof(*to));
	return to != suite->test_cases;
}

static int __init odma_run_suites(void)
{
	char *suite_glob = kstrdup(filter, GFP_KERNEL), *case_glob;
	int i;

	if (!suite_glob)
		return -ENOMEM;
	case_glob = suite_glob;
	strsep(&case_glob, ".");
	for (i = 0; i < ARRAY_SIZE(odma_suites); i++)
		if (glob_match(suite_glob, odma_suites[i]->name) &&
		    odma_keep_cases(odma_suites[i], case_glob))
			odma_suites[odma_suite_count++] = odma_suites[i];
	kfree(suite_glob);
	pr_info("KTAP version 1\n");
	pr_info("1..%d\n", odma_suite_count);
	return __kunit_test_suites_init(odma_suites, odma_suite_count);
}
module_init(odma_run_suites);

static void __exit odma_end_suites(void)
{
	__kunit_test_suites_exit(odma_suites, odma_suite_count);
}
module_exit(odma_end_suites);

#endif
