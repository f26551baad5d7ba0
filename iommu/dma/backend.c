// SPDX-License-Identifier: GPL-2.0
/*
 * The backend "iommu": a device that sees what is mapped for it, and no more.
 *
 *   strict       what is unmapped is out of its reach when unmap returns (what
 *                the rule means if it says neither)
 *   lazy         ... some milliseconds later, with one invalidation for many
 *   untrusted    no byte beside a buffer is in its reach
 *   shadow       small buffers are copied, and nothing is mapped for them
 *   shadow_max=  ... those of up to so many bytes
 *   shadow_kib=  ... and so much memory is kept for it
 *   coherent=    yes or no: does it see the CPU's caches?
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/async.h>
#include <linux/kmod.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include "../../direct/cache.h"
#include "../../direct/direct.h"
#include "iommu.h"

static bool odma_is_word(const char *key)
{
	return !strcmp(key, "strict") || !strcmp(key, "lazy") ||
	       !strcmp(key, "untrusted") || !strcmp(key, "shadow");
}

/* A buffer of more than a page is cheaper to map than to copy. */
#define ODMA_SHADOW_MOST	SZ_4K
#define ODMA_SHADOW_DEFAULT	SZ_2K
#define ODMA_SHADOW_KIB		1024U
#define ODMA_SHADOW_KIB_MOST	(64U * SZ_1K)

static int odma_check_number(const char *value, unsigned int most)
{
	unsigned int number;

	if (kstrtouint(value, 0, &number))
		return -EINVAL;
	return number && number <= most ? 0 : -EINVAL;
}

static int odma_iommu_check_option(const char *key, const char *value)
{
	if (!value)
		return odma_is_word(key) ? 0 : -EINVAL;
	if (!strcmp(key, "coherent"))
		return strcmp(value, "yes") && strcmp(value, "no") ?
			-EINVAL : 0;
	/* Its share of the bounce buffers */
	if (!strcmp(key, "limit_kib"))
		return odma_check_number(value, U32_MAX / SZ_1K);
	if (!strcmp(key, "shadow_max"))
		return odma_check_number(value, ODMA_SHADOW_MOST);
	if (!strcmp(key, "shadow_kib"))
		return odma_check_number(value, ODMA_SHADOW_KIB_MOST);
	return -EINVAL;
}

static bool odma_says(const struct odma_translated *t, const char *word)
{
	return odma_option_is(t->odev, word, NULL);
}

/* Words that ask for the contrary of each other. */
static int odma_iommu_check_words(const char *device, const char *words)
{
	bool lazy = odma_word_is(words, "lazy", NULL);
	const char *wrong = NULL;

	if (lazy && odma_word_is(words, "strict", NULL))
		wrong = "lazy is not strict";
	else if (lazy && odma_word_is(words, "untrusted", NULL))
		wrong = "lazy lets it reach what was unmapped, untrusted not";
	else if (!odma_word_is(words, "shadow", NULL) &&
		 (odma_word_is(words, "shadow_max", NULL) ||
		  odma_word_is(words, "shadow_kib", NULL)))
		wrong = "shadow_max= and shadow_kib= go with shadow";
	if (!wrong)
		return 0;
	pr_err("rule for %s refused: it contradicts itself: %s\n", device,
	       wrong);
	return -EINVAL;
}

/*
 * Providers are asked for by nobody's rule. Loading may wait for all that runs
 * asynchronously, so what does so itself does without.
 */
static const struct odma_iommu *odma_find_provider(struct device *dev)
{
	const struct odma_iommu *iommu = odma_get_iommu(dev);

	lockdep_assert_held(&odma_iommu_mutex);
	if (iommu == ERR_PTR(-ENODEV) && !current_is_async()) {
		mutex_unlock(&odma_iommu_mutex);
		request_module("odma-iommu-host");
		mutex_lock(&odma_iommu_mutex);
		iommu = odma_get_iommu(dev);
	}
	if (iommu == ERR_PTR(-ENODEV))
		pr_err("%s: no provider has an IOMMU for it (is its module loaded, odma-iommu-host.ko for instance?)\n",
		       dev_name(dev));
	return iommu;
}

static int odma_iommu_can_attach(struct device *dev)
{
	const struct odma_iommu *iommu;
	int ret = 0;

	mutex_lock(&odma_iommu_mutex);
	iommu = odma_find_provider(dev);
	if (IS_ERR(iommu)) {
		ret = PTR_ERR(iommu);
	} else {
		if (iommu->can_attach)
			ret = iommu->can_attach(dev);
		odma_put_iommu(iommu);
	}
	mutex_unlock(&odma_iommu_mutex);
	return ret;
}

static int odma_enter_domain(struct odma_translated *t)
{
	const struct odma_iommu *iommu;
	int ret = 0;

	mutex_lock(&odma_iommu_mutex);
	iommu = odma_find_provider(t->odev->dev);
	if (IS_ERR(iommu)) {
		ret = PTR_ERR(iommu);
		goto unlock;
	}
	t->domain = odma_join_domain(t, iommu);
	if (IS_ERR(t->domain)) {
		ret = PTR_ERR(t->domain);
		odma_put_iommu(iommu);
	}
unlock:
	mutex_unlock(&odma_iommu_mutex);
	return ret;
}

static void odma_exit_domain(struct odma_translated *t)
{
	const struct odma_iommu *iommu = t->domain->base.iommu;

	mutex_lock(&odma_iommu_mutex);
	odma_leave_domain(t);
	mutex_unlock(&odma_iommu_mutex);
	odma_put_iommu(iommu);
}

/* The IOMMU may see to it for all that is behind it. */
static bool odma_sees_caches(const struct odma_translated *t)
{
	if (odma_direct_is_coherent(t->direct))
		return true;
	return (t->domain->base.geometry.features & ODMA_IOMMU_COHERENT) &&
	       !odma_option_is(t->odev, "coherent", "no");
}

static int odma_make_shadow(struct odma_translated *t)
{
	unsigned int max = ODMA_SHADOW_DEFAULT, kib = ODMA_SHADOW_KIB;
	int ret;

	if (!odma_says(t, "shadow"))
		return 0;
	odma_option_number(t->odev, "shadow_max", &max);
	odma_option_number(t->odev, "shadow_kib", &kib);
	ret = odma_shadow_create(t, (size_t)kib * SZ_1K);
	if (!ret)
		t->shadow_max = max;
	return ret;
}

/* Are there buffers that may share their cache lines with other data? */
static bool odma_may_share(const struct odma_translated *t)
{
	return !t->coherent && odma_cache_shared(1, DMA_FROM_DEVICE);
}

static int odma_fill_translated(struct odma_translated *t)
{
	int ret;

	ret = odma_direct_get_ops(t->odev, &t->direct);
	if (ret)
		return ret;
	ret = odma_enter_domain(t);
	if (ret)
		goto put;
	t->coherent = odma_sees_caches(t);
	ret = odma_keep_trust(t) ?: odma_make_shadow(t);
	if (ret)
		goto exit;
	t->plain = !t->untrusted && !t->shadow && !odma_may_share(t);
	odma_report_add(t);
	return 0;

exit:
	odma_exit_domain(t);
put:
	odma_direct_put_ops(t->direct);
	return ret;
}

static int odma_iommu_attach(struct odma_device *odev)
{
	struct odma_translated *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int ret;

	if (!t)
		return -ENOMEM;
	t->odev = odev;
	t->low_first = dev_is_pci(odev->dev);
	ratelimit_state_init(&t->fault_limit, 5 * HZ, 3);
	t->lazy = odma_says(t, "lazy");
	ret = odma_begin_trust(t);
	if (!ret)
		ret = odma_fill_translated(t);
	if (ret)
		kfree(t);
	else
		WRITE_ONCE(odev->priv, t);
	return ret;
}

static void odma_iommu_detach(struct odma_device *odev)
{
	struct odma_translated *t = odev->priv;

	odma_report_remove(t);
	if (t->shadow)
		odma_shadow_destroy(t);
	odma_exit_domain(t);
	odma_direct_put_ops(t->direct);
	kfree_rcu(t, rcu);
}

/*
 * Nobody comes by the device's ops any more. Whoever did before that, in atomic
 * context, is through after a grace period.
 */
static void odma_iommu_abandon(struct odma_device *odev)
{
	struct odma_translated *t = odev->priv;

	synchronize_rcu();
	odma_report_remove(t);
	if (t->shadow)
		odma_shadow_destroy(t);
	mutex_lock(&odma_iommu_mutex);
	odma_empty_domain(t);
	mutex_unlock(&odma_iommu_mutex);
	odma_exit_domain(t);
	odma_direct_put_ops(t->direct);
	kfree_rcu(t, rcu);
}

static void odma_iommu_unplug(struct odma_device *odev)
{
	mutex_lock(&odma_iommu_mutex);
	odma_unplug_domain(odev->priv);
	mutex_unlock(&odma_iommu_mutex);
}

static int odma_iommu_resume(struct odma_device *odev)
{
	struct odma_translated *t = odev->priv;
	struct odma_iommu_domain *base = &t->domain->base;
	bool in_force = true;

	mutex_lock(&odma_iommu_mutex);
	if (base->iommu->in_force)
		in_force = base->iommu->in_force(base, odev->dev);
	mutex_unlock(&odma_iommu_mutex);
	if (in_force)
		return 0;
	pr_err("%s: its translation was taken away while it lingered: was its group's type changed?\n",
	       dev_name(odev->dev));
	return -EXDEV;
}

static struct odma_device *odma_iommu_shares(struct device *dev)
{
	struct odma_translated *t;

	mutex_lock(&odma_iommu_mutex);
	t = odma_find_peer(dev);
	mutex_unlock(&odma_iommu_mutex);
	/* The caller's lock is what keeps it attached. */
	return t ? t->odev : NULL;
}

struct odma_backend odma_iommu_backend = {
	.name = "iommu",
	.ops = &odma_iommu_ops,
	.translates = true,
	.check_option = odma_iommu_check_option,
	.check_words = odma_iommu_check_words,
	.can_attach = odma_iommu_can_attach,
	.suits = odma_iommu_suits,
	.attach = odma_iommu_attach,
	.detach = odma_iommu_detach,
	.live = odma_iommu_live,
	.abandon = odma_iommu_abandon,
	.unplug = odma_iommu_unplug,
	.resume = odma_iommu_resume,
	.shares = odma_iommu_shares,
	.map_pool = odma_iommu_map_pool,
	.unmap_pool = odma_iommu_unmap_pool,
	.noncontiguous = &odma_iommu_noncontiguous,
};
