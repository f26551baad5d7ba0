// SPDX-License-Identifier: GPL-2.0
/*
 * Which protection is in force around a device: what hardware does, or fails to
 * do, beside the translation of its addresses.
 */
#include <linux/iommu.h>
#include <linux/pci.h>
#include <odma/trust.h>
#include "core.h"

#ifdef CONFIG_PCI
static bool odma_port_blocks(struct pci_dev *port)
{
	int acs = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ACS);
	u16 ctrl = 0;

	if (acs)
		pci_read_config_word(port, acs + PCI_ACS_CTRL, &ctrl);
	return ctrl & PCI_ACS_TB;
}

/* One port on its way that does will do; NULL: there is no port. */
static const char *odma_acs_state(struct device *dev)
{
	struct pci_dev *port;
	bool any = false;

	if (!dev_is_pci(dev))
		return NULL;
	port = pci_upstream_bridge(to_pci_dev(dev));
	for (; port; port = pci_upstream_bridge(port)) {
		if (odma_port_blocks(port))
			return "blocked";
		any = true;
	}
	return any ? "passed" : NULL;
}
#else
static const char *odma_acs_state(struct device *dev)
{
	return NULL;
}
#endif

#ifdef CONFIG_IOMMU_API
static int odma_count_peer(struct device *dev, void *count)
{
	++*(unsigned int *)count;
	return 0;
}

static unsigned int odma_peers(struct iommu_group *group)
{
	unsigned int count = 0;

	iommu_group_for_each_dev(group, &count, odma_count_peer);
	return count ? count - 1 : 0;
}

static size_t odma_describe_group(struct device *dev, char *buf, size_t size)
{
	struct iommu_group *group = iommu_group_get(dev);
	size_t len;

	if (!group)
		return scnprintf(buf, size, " interrupts=unchecked peers=0");
	len = scnprintf(buf, size, " interrupts=%s peers=%u",
			odma_interrupts_checked(dev, group) ?
			"checked" : "unchecked", odma_peers(group));
	iommu_group_put(group);
	return len;
}
#else
static size_t odma_describe_group(struct device *dev, char *buf, size_t size)
{
	return scnprintf(buf, size, " interrupts=unchecked peers=0");
}
#endif

/**
 * odma_describe_protection() - for people and scripts
 * @dev: any device
 * @buf: where to
 * @size: bytes there
 *
 * port=<internal or external> ats=<on or off> translated=<blocked, passed or ->
 * interrupts=<checked or unchecked> peers=<number>: Documentation/iommu.md.
 *
 * Context: process context.
 *
 * Return: characters written.
 */
size_t odma_describe_protection(struct device *dev, char *buf, size_t size)
{
	size_t len;

	len = scnprintf(buf, size, "port=%s ats=%s translated=%s",
			odma_is_external(dev) ? "external" : "internal",
			odma_translates_itself(dev) ? "on" : "off",
			odma_acs_state(dev) ?: "-");
	return len + odma_describe_group(dev, buf + len, size - len);
}
