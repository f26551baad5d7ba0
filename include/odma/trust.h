/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the machine says of a device's trust.
 */
#ifndef _ODMA_TRUST_H
#define _ODMA_TRUST_H

#include <linux/pci.h>

/**
 * odma_is_external() - can anybody plug in what this device is?
 * @dev: any device
 *
 * What is behind a Thunderbolt or another external port: firmware says so of
 * the port, and the kernel calls it untrusted.
 *
 * Context: any.
 */
static inline bool odma_is_external(struct device *dev)
{
	return dev_is_pci(dev) && to_pci_dev(dev)->untrusted;
}

/**
 * odma_translates_itself() - does a device say which addresses are translated?
 * @dev: any device
 *
 * With ATS on, an IOMMU believes that, and lets them pass unchecked.
 *
 * Context: any.
 */
static inline bool odma_translates_itself(struct device *dev)
{
	return dev_is_pci(dev) && to_pci_dev(dev)->ats_enabled;
}

#endif /* _ODMA_TRUST_H */
