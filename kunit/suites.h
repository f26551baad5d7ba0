/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every suite there is. A suite is run if, and only if, it is in this list;
 * scripts/kunit compares the list with what ran.
 */
#ifndef _ODMA_KUNIT_SUITES_H
#define _ODMA_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite odma_dispatch_suite;
extern struct kunit_suite odma_backend_suite;
extern struct kunit_suite odma_attach_suite;
extern struct kunit_suite odma_rules_suite;
extern struct kunit_suite odma_registry_suite;
extern struct kunit_suite odma_reach_suite;
extern struct kunit_suite odma_scatter_suite;
extern struct kunit_suite odma_memory_suite;
extern struct kunit_suite odma_mmap_suite;
extern struct kunit_suite odma_cache_suite;

#define ODMA_SUITES				\
	&odma_dispatch_suite,			\
	&odma_backend_suite,			\
	&odma_attach_suite,			\
	&odma_rules_suite,			\
	&odma_registry_suite,			\
	&odma_reach_suite,			\
	&odma_scatter_suite,			\
	&odma_memory_suite,			\
	&odma_mmap_suite,			\
	&odma_cache_suite

#endif /* _ODMA_KUNIT_SUITES_H */
