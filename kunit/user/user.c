// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's side, as far as it takes more than a header.
 */
#include <linux/bug.h>
#include <linux/slab.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "user.h"

static unsigned long odma_live;
static __thread unsigned int odma_failing;
static __thread bool odma_failed;

void odma_tell(const char *fmt, ...)
{
	static int tells = -1;
	va_list args;

	if (tells < 0)
		tells = !!getenv("FUZZ_TRACE");
	if (!tells)
		return;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

void odma_fail(const char *file, int line, const char *cond, const char *fmt,
	       ...)
{
	va_list args;

	fprintf(stderr, "\n%s:%d: not so: %s\n  ", file, line, cond);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void odma_user_bug(const char *what, const char *file, int line)
{
	fprintf(stderr, "\n%s:%d: %s\n", file, line, what);
	abort();
}

void odma_fail_alloc(unsigned int nth)
{
	odma_failing = nth;
	odma_failed = false;
}

bool odma_alloc_failed(void)
{
	return odma_failed;
}

unsigned long odma_live_allocs(void)
{
	return __atomic_load_n(&odma_live, __ATOMIC_RELAXED);
}

bool odma_alloc_fails(gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		odma_user_might_sleep();
	if (!odma_failing || --odma_failing)
		return false;
	odma_failed = true;
	return true;
}

/* What was not asked to be zeroed is filled with something else. */
void *odma_user_alloc(size_t size, size_t align, gfp_t gfp)
{
	void *ptr;

	if (odma_alloc_fails(gfp))
		return NULL;
	if (posix_memalign(&ptr, align, size))
		return NULL;
	memset(ptr, gfp & __GFP_ZERO ? 0 : 0xa5, size);
	__atomic_add_fetch(&odma_live, 1, __ATOMIC_RELAXED);
	return ptr;
}

void odma_user_free(const void *ptr)
{
	if (ptr)
		__atomic_sub_fetch(&odma_live, 1, __ATOMIC_RELAXED);
	free((void *)ptr);
}
