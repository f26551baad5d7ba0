/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the coherent pools share: memory to make pools of, buffers
 * out of them, and a look at the log and at sysfs.
 */
#ifndef _ODMA_KUNIT_POOL_H
#define _ODMA_KUNIT_POOL_H

#include <linux/sizes.h>
#include <odma/coherent.h>
#include "../../coherent/coherent.h"
#include "../../coherent/pool.h"
#include "../shared/fixture.h"

/*
 * What the guests keep aside, by memmap= on x86, by a node of the device tree
 * on arm64: 32 MiB from 1 GiB + 64 MiB on, with ordinary RAM on both sides.
 */
#define ODMA_KEPT	0x44000000ULL
#define ODMA_KEPT_END	0x46000000ULL

/**
 * struct odma_buffer - an allocation
 * @cpu:	the CPU's address
 * @handle:	the device's address
 * @size:	bytes, as asked for
 */
struct odma_buffer {
	void *cpu;
	dma_addr_t handle;
	size_t size;
};

/* Suite hooks: a device with no driver yet; exit releases what is declared. */
int odma_pool_init(struct kunit *test);
void odma_pool_exit(struct kunit *test);

/* Add the rule "direct <words>" and bind the driver, with 64-bit masks. */
void odma_bind_with(struct odma_fixture *fx, const char *words);
void odma_rebind(struct odma_fixture *fx);

/* The attached device's pools, in order; NULL after the last one. */
struct odma_pool *odma_own_pool(struct odma_fixture *fx, unsigned int i);

bool odma_get_buffer(struct odma_fixture *fx, struct odma_buffer *buf,
		     size_t size);
void odma_put_buffer(struct odma_fixture *fx, struct odma_buffer *buf);
bool odma_buffer_at(const struct odma_buffer *buf, u64 phys, u64 size);

/* The memory itself, through a mapping that is not the pool's. */
void odma_scribble(struct kunit *test, u64 phys, size_t size, u8 value);
bool odma_memory_is(struct kunit *test, u64 phys, size_t size, u8 value);

/* How many lines with this text the log has got since the mark, which stays. */
void odma_mark_log(void);
int odma_log_lines(const char *text);

/* A number in <device>/odma/. */
s64 odma_read_file(struct odma_fixture *fx, const char *name);

#endif /* _ODMA_KUNIT_POOL_H */
