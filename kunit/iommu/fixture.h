/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the IOMMU backend share: a device behind a software IOMMU,
 * under the backend in each of the ways that a rule offers.
 */
#ifndef _ODMA_KUNIT_IOMMU_H
#define _ODMA_KUNIT_IOMMU_H

#include "soft-iommu.h"

/**
 * struct odma_iommu_mode - how a device is translated
 * @mode:	for the fixture; first
 * @soft:	by which IOMMU
 * @copies:	the device sees no byte beside a buffer
 * @shadows:	small buffers have a copy that it may write to
 * @lazy:	what is unmapped stays in reach for a while
 */
struct odma_iommu_mode {
	struct odma_mode mode;
	struct odma_soft_cfg soft;
	bool copies;
	bool shadows;
	bool lazy;
};

/* Generators of parameters: all modes; those that translate in place. */
const void *odma_iommu_modes(const void *prev, char *desc);
const void *odma_iommu_plain_modes(const void *prev, char *desc);

/* Suite hooks: as the parameter says, strict where the case has none. */
int odma_iommu_init(struct kunit *test);
void odma_iommu_exit(struct kunit *test);

/* For cases that say themselves how. */
int odma_iommu_unbound_init(struct kunit *test);
/* ... and whose parameter is no mode of the device's. */
int odma_iommu_no_mode_init(struct kunit *test);
struct odma_soft *odma_iommu_begin(struct kunit *test, const char *rule,
				   const struct odma_soft_cfg *cfg);
const struct odma_iommu_mode *odma_iommu_mode(struct kunit *test);

/* The IOMMU of the running case. */
extern struct odma_soft *odma_soft;

static inline struct device *odma_iommu_dev(struct kunit *test)
{
	return ((struct odma_fixture *)test->priv)->dev;
}

/* Pages of the case's, filled with a pattern. */
u8 *odma_iommu_buffer(struct kunit *test, unsigned int order);

#endif /* _ODMA_KUNIT_IOMMU_H */
