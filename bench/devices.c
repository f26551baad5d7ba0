// SPDX-License-Identifier: GPL-2.0
/*
 * The devices that are measured: one on the platform bus for each way that its
 * DMA can be served, and one on PCI, where the machine has an IOMMU. They do
 * no DMA.
 */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <odma/backend.h>
#include "bench.h"

#define NAME	"odma-bench"

/* By the words of run=; without a rule the kernel serves the device. */
static const struct bench_subject subjects[] = {
	{ .word = "kernel-direct", .group = "direct", .impl = "kernel",
	  .in_place = true },
	{ .word = "odma-direct", .group = "direct", .impl = "odma",
	  .rule = "direct", .in_place = true },
	{ .word = "kernel-swiotlb", .group = "swiotlb", .impl = "kernel" },
	{ .word = "odma-swiotlb", .group = "swiotlb", .impl = "odma",
	  .rule = "swiotlb force" },
	{ .word = "smmu-strict", .group = "strict", .impl = "smmu",
	  .live = true, .pci = true, .domain = IOMMU_DOMAIN_DMA },
	{ .word = "smmu-lazy", .group = "lazy", .impl = "smmu",
	  .live = true, .pci = true, .domain = IOMMU_DOMAIN_DMA_FQ },
	{ .word = "kernel-strict", .group = "strict", .impl = "kernel",
	  .live = true, .null = true, .domain = IOMMU_DOMAIN_DMA },
	{ .word = "kernel-lazy", .group = "lazy", .impl = "kernel",
	  .live = true, .null = true, .domain = IOMMU_DOMAIN_DMA_FQ },
	{ .word = "odma-strict", .group = "strict", .impl = "odma",
	  .rule = "iommu strict", .live = true },
	{ .word = "odma-lazy", .group = "lazy", .impl = "odma",
	  .rule = "iommu lazy", .live = true },
	{ .word = "odma-shadow", .group = "shadow", .impl = "odma",
	  .rule = "iommu shadow" },
};

static const struct bench_subject *current_subject;

/* What nobody looks at may be served in another way than it is called. */
static bool served_as_said(const struct bench_subject *subject,
			   struct device *dev)
{
	const struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return !!odma_device_of(dev) == !!subject->rule &&
	       (domain ? domain->type : 0) == subject->domain;
}

static void bench_device(struct device *dev)
{
	const struct bench_subject *subject = current_subject;

	if (!served_as_said(subject, dev))
		bench_fail(subject->word, "served by the wrong one", 0);
	else if (dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)))
		bench_fail(subject->word, "mask", 0);
	else
		bench_dma(subject, dev);
}

static int bench_platform_probe(struct platform_device *pdev)
{
	bench_device(&pdev->dev);
	return 0;
}

static struct platform_driver bench_platform_driver = {
	.probe = bench_platform_probe,
	.driver.name = NAME,
};

static int bench_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	bench_device(&pdev->dev);
	return 0;
}

/* QEMU's device for tests of the bus. */
static const struct pci_device_id bench_pci_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT, 0x0005) },
	{ }
};

static struct pci_driver bench_pci_driver = {
	.name = NAME,
	.id_table = bench_pci_ids,
	.probe = bench_pci_probe,
};

static int bench_add_rule(const struct bench_subject *subject,
			  struct device *dev)
{
	char rule[80];

	if (!subject->rule)
		return 0;
	snprintf(rule, sizeof(rule), "platform %s %s", dev_name(dev),
		 subject->rule);
	return odma_add_rule(rule);
}

static void bench_remove_rule(const struct bench_subject *subject,
			      const char *device)
{
	char rule[80];

	if (!subject->rule)
		return;
	snprintf(rule, sizeof(rule), "platform %s", device);
	if (odma_remove_rule(rule))
		bench_fail(subject->word, "rule", 0);
}

/* What is measured is measured in its driver's probe. */
static int bench_on_platform(const struct bench_subject *subject)
{
	struct platform_device *pdev;
	char name[32];
	int ret;

	pdev = platform_device_register_simple(NAME, PLATFORM_DEVID_AUTO, NULL,
					       0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	/* As devices on PCI are here: the caches need no care. */
	pdev->dev.dma_coherent = true;
	strscpy(name, dev_name(&pdev->dev), sizeof(name));
	ret = bench_add_rule(subject, &pdev->dev);
	if (!ret) {
		ret = platform_driver_register(&bench_platform_driver);
		if (!ret)
			platform_driver_unregister(&bench_platform_driver);
		bench_remove_rule(subject, name);
	}
	platform_device_unregister(pdev);
	return ret;
}

static int bench_with_iommu(const struct bench_subject *subject)
{
	int ret = bench_add_iommu();

	if (ret)
		return ret;
	ret = bench_on_platform(subject);
	bench_remove_iommu();
	return ret;
}

static int bench_on_pci(void)
{
	int ret = pci_register_driver(&bench_pci_driver);

	if (!ret)
		pci_unregister_driver(&bench_pci_driver);
	return ret;
}

static int bench_one(const struct bench_subject *subject)
{
	if (subject->pci)
		return bench_on_pci();
	if (subject->null)
		return bench_with_iommu(subject);
	return bench_on_platform(subject);
}

void bench_devices(bool (*wanted)(const char *word))
{
	unsigned int i;
	int ret;

	ret = bench_add_provider();
	if (ret) {
		bench_fail("odma", "provider", ret);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(subjects); i++) {
		if (!wanted(subjects[i].word))
			continue;
		current_subject = &subjects[i];
		ret = bench_one(&subjects[i]);
		if (ret)
			bench_fail(subjects[i].word, "device", ret);
	}
	bench_remove_provider();
}
