/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the rule word "bypass" share: a backend that is there to
 * be bypassed, and a look at the side that a call went to.
 */
#ifndef _ODMA_KUNIT_BYPASS_H
#define _ODMA_KUNIT_BYPASS_H

#include "../shared/fixture.h"
#include "../shared/recorder.h"

#define ODMA_BYPASSED	"odma-bypassed"

/* More than the guest has memory; less, and more than the recorder's least. */
#define ODMA_WIDE	DMA_BIT_MASK(48)
#ifdef CONFIG_ARM64
#define ODMA_NARROW	ODMA_LOW_MASK
#define ODMA_LESS_NARROW	0xa0000000
#else
#define ODMA_NARROW	DMA_BIT_MASK(26)
#define ODMA_LESS_NARROW	DMA_BIT_MASK(28)
#endif

/* What the backend answers, and the direct path never does. */
#define ODMA_MAX_SIZE	12345
#define ODMA_OPT_SIZE	4321
#define ODMA_BOUNDARY	0x3fff
#define ODMA_OWN_ADDR	0x777000

/*
 * The backend is the recorder under another name, with what the recorder lacks:
 * a call that it has not seen went to the direct path. A case may change both.
 */
extern struct odma_backend odma_bypassed;
extern struct dma_map_ops odma_bypassed_ops;

/* Suite hooks: the backend registered, a device with no driver yet. */
int odma_bypass_init(struct kunit *test);
void odma_bypass_exit(struct kunit *test);

/* Bind, and set the masks, wide or narrow, as a driver does. */
struct device *odma_bypass_bind(struct kunit *test, const char *rule,
				bool streaming, bool coherent);

/* The last call went directly, or to the backend as this operation. */
void odma_expect_side(struct kunit *test, bool direct, enum odma_op op);

/* A mapping, or an allocation, that is made and undone now goes there. */
void odma_expect_map_side(struct kunit *test, bool direct);
void odma_expect_alloc_side(struct kunit *test, bool direct);

#endif /* _ODMA_KUNIT_BYPASS_H */
