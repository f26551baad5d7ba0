/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two CPUs that take slots and give them back, for as long as it takes to meet.
 */
#ifndef _ODMA_KUNIT_CONTEST_H
#define _ODMA_KUNIT_CONTEST_H

#include <linux/sizes.h>
#include "../shared/fixture.h"
#include "fixture.h"

/* What the device's small buffers must be copied to: so many slots, no more. */
#define ODMA_CONTEST_SLOTS	(SZ_128K / ODMA_SLOT)

/* No slot ever has two owners. Returns the address of the first slot. */
dma_addr_t odma_contest(struct odma_fixture *fx);

#endif /* _ODMA_KUNIT_CONTEST_H */
