// SPDX-License-Identifier: GPL-2.0
/*
 * What is asked for a device that is not trusted: by its rule, or as the
 * machine says that anybody may have plugged it in.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <odma/trust.h>
#include "iommu.h"

static int odma_check_external(struct device *dev, const char *words)
{
	if (!odma_is_external(dev) || !odma_word_is(words, "lazy", NULL))
		return 0;
	pr_err("%s: lazy is refused: it is behind an external port, which makes it untrusted, and it would reach what was unmapped (remedy: say strict)\n",
	       dev_name(dev));
	return -EINVAL;
}

static int odma_check_ats(struct device *dev)
{
	if (!odma_translates_itself(dev))
		return 0;
	pr_err("%s: untrusted can't be kept: its ATS is on, and what it calls translated passes the IOMMU unchecked (remedy: boot with pci=noats)\n",
	       dev_name(dev));
	return -EOPNOTSUPP;
}

static bool odma_is_untrusted(struct device *dev, const char *words)
{
	return odma_is_external(dev) || odma_word_is(words, "untrusted", NULL);
}

/**
 * odma_iommu_suits() - struct odma_backend's suits
 * @dev: the device
 * @words: of its rule
 *
 * Context: process context.
 *
 * Return: 0, or -EINVAL, -EOPNOTSUPP with one line in the log.
 */
int odma_iommu_suits(struct device *dev, const char *words)
{
	int ret = odma_check_external(dev, words);

	if (!ret && odma_is_untrusted(dev, words))
		ret = odma_check_ats(dev);
	return ret;
}

/**
 * odma_begin_trust() - how much is a device to be trusted?
 * @t: the device, in no domain yet
 *
 * Context: process context.
 *
 * Return: 0; -EOPNOTSUPP with one line in the log.
 */
int odma_begin_trust(struct odma_translated *t)
{
	struct device *dev = t->odev->dev;

	t->untrusted = odma_is_untrusted(dev, t->odev->options);
	if (!t->untrusted)
		return 0;
	if (!odma_option_is(t->odev, "untrusted", NULL))
		pr_info("%s: it is behind an external port, and untrusted without its rule saying so\n",
			dev_name(dev));
	return odma_untrust(t);
}

/**
 * odma_keep_trust() - is it still so now that a domain translates it?
 * @t: the device, in its domain
 *
 * Some of the kernel's IOMMU drivers turn ATS on only then.
 *
 * Context: process context.
 *
 * Return: 0; -EOPNOTSUPP with one line in the log.
 */
int odma_keep_trust(struct odma_translated *t)
{
	return t->untrusted ? odma_check_ats(t->odev->dev) : 0;
}
