// SPDX-License-Identifier: GPL-2.0
/*
 * The life of an attachment.
 *
 *   rule --bind--> ATTACHED --unbind, nothing live--> gone
 *                  ATTACHED --unbind--> LINGERING --nothing live--> gone
 *                  LINGERING --bind, by the same rule--> ATTACHED
 *                  LINGERING --bind, without a rule--> LINGERING
 *                  LINGERING --bind, by another rule--> REFUSED
 *   rule --bind, it can't be kept--> REFUSED, until the next bind
 *
 * Drivers leave things behind: pages that a socket still holds, memory that the
 * last file descriptor frees minutes later. Nobody else can unmap or free
 * these, so an attachment, with addresses, bounce buffers and pools, lives as
 * long as any of them. A device's driver and its rule only begin and end it.
 *
 * The bus notifier and the rules call what is here, and are called by nothing
 * of it. odma_mutex is held throughout.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/workqueue.h>
#include <odma/bounce.h>
#include <odma/driver.h>
#include <odma/trust.h>
#include "core.h"

/* How long what is left over may stay unnoticed after the last of it is gone */
#define ODMA_SWEEP_EVERY	((unsigned long)HZ)

static struct workqueue_struct *odma_wq;

static void odma_sweep(struct work_struct *work);
/* Not deferrable: on a CPU that idles it would stay unnoticed for minutes. */
static DECLARE_DELAYED_WORK(odma_sweeper, odma_sweep);

/*
 * Where a device's lock is not to be had, its next driver may be on its way to
 * it, and take its time: the reaper comes again, less and less often.
 */
#define ODMA_REAP_FIRST		1UL

static void odma_reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(odma_reaper, odma_reap);
static unsigned long odma_reap_after;	/* with odma_mutex held */

static void odma_enter_state(struct odma_device *odev, enum odma_state state)
{
	odev->state = state;
	odev->since = ktime_get_boottime_seconds();
	if (state != ODMA_REFUSED)
		odev->note[0] = '\0';
}

/* What the counters say; a driver that frees too much has nothing live. */
static void odma_count_live_allocs(const struct odma_device *odev,
				   struct odma_leftovers *left)
{
	struct odma_counters sum;
	struct odma_balance b;

	odma_sum_counters(odev, &sum);
	odma_balance_allocs(&sum, &b);
	left->allocations = b.live;
	left->allocated = b.bytes;
}

/* A pool's memory may also be had past the counters. */
static void odma_add_pools(struct odma_device *odev,
			   struct odma_leftovers *left,
			   struct odma_leftovers *pools)
{
	if (!rcu_access_pointer(odev->pools))
		return;
	odma_pool_ops->live(odev, pools);
	left->allocations = max(left->allocations, pools->allocations);
	left->allocated = max(left->allocated, pools->allocated);
}

/* Where all is translated, so is what was allocated, but for the pools. */
static void odma_leave_out(struct odma_leftovers *left,
			   const struct odma_leftovers *pools)
{
	left->mappings -= min(left->mappings,
			      left->allocations - pools->allocations);
	left->bytes -= min(left->bytes, left->allocated - pools->allocated);
	if (!left->mappings)
		left->bytes = 0;
}

/**
 * odma_find_live() - what can't be undone without a device's attachment
 * @odev: attached
 * @left: filled in
 *
 * Nothing is counted for this where mappings are made: allocations count
 * themselves, and the backends know what they have given out. A direct mapping
 * is no part of it, as the kernel's own code ends it rightly.
 *
 * Context: process context, may sleep, odma_mutex held.
 *
 * Return: whether there is anything.
 */
bool odma_find_live(struct odma_device *odev, struct odma_leftovers *left)
{
	const struct odma_backend *backend = odev->backend;
	const struct odma_bounce *bounce = READ_ONCE(odev->bounce);
	struct odma_leftovers pools = { };

	lockdep_assert_held(&odma_mutex);
	memset(left, 0, sizeof(*left));
	odma_count_live_allocs(odev, left);
	odma_add_pools(odev, left, &pools);
	if (backend->live)
		backend->live(odev, left);
	if (backend->translates)
		odma_leave_out(left, &pools);
	else if (bounce && bounce->live)
		bounce->live(odev, left);
	return left->mappings || left->allocations;
}

/**
 * odma_known_mappings() - how much of a device's is mapped, for people
 * @odev: attached
 * @left: its mappings and bytes are set, where they are known
 *
 * Where nothing counts mappings, only what lingers is worth a look for them.
 *
 * Context: process context, may sleep, odma_mutex held.
 *
 * Return: are they known?
 */
bool odma_known_mappings(struct odma_device *odev, struct odma_leftovers *left)
{
	struct odma_counters sum;
	struct odma_balance b;

	if (odev->flags & ODMA_STATS) {
		odma_sum_counters(odev, &sum);
		odma_balance_mappings(&sum, &b);
		left->mappings = b.live;
		left->bytes = b.bytes;
		return true;
	}
	if (odev->state != ODMA_LINGERING)
		return false;
	odma_find_live(odev, left);
	return true;
}

/*
 * With stats it is known what a driver left mapped, if that holds nothing, and
 * what it unmapped wrongly. Of what it freed wrongly there was a line then.
 */
static void odma_report_leaks(const struct odma_device *odev)
{
	struct odma_counters sum;
	struct odma_balance b;

	odma_sum_counters(odev, &sum);
	odma_balance_mappings(&sum, &b);
	if (b.live)
		pr_warn("%s: its driver left %llu mappings (%llu bytes) behind\n",
			dev_name(odev->dev), b.live, b.bytes);
	if (b.extra || b.stray)
		pr_warn("%s: the mappings of its driver %s don't add up: %llu too many are unmapped, %llu bytes differ (remedy: unmap each once, with the size that it was mapped with)\n",
			dev_name(odev->dev), odev->driver, b.extra, b.stray);
}

static void odma_report_leftovers(const struct odma_device *odev,
				  const struct odma_leftovers *left)
{
	pr_warn("%s: its driver %s left %llu mappings (%llu bytes) and %llu allocations (%llu bytes) behind: it stays attached to '%s' until they are gone\n",
		dev_name(odev->dev), odev->driver, left->mappings, left->bytes,
		left->allocations, left->allocated, odev->backend->name);
}

/* No driver uses it any more: it is kept for what is live, or given back. */
static void odma_retire(struct odma_device *odev)
{
	struct odma_leftovers left;
	bool told = odev->state != ODMA_ATTACHED;

	odev->probe_failed = false;
	/* Whoever asks why nothing is bound finds it here. */
	if (odev->state == ODMA_REFUSED && !odev->allowed && odev->ruled)
		return;
	if (odev->allowed)
		odma_allow(odev);
	if (!odma_find_live(odev, &left)) {
		odma_report_leaks(odev);
		odma_uninstall(odev);
		return;
	}
	if (!told)
		odma_report_leftovers(odev, &left);
	if (odev->state != ODMA_LINGERING)
		odma_enter_state(odev, ODMA_LINGERING);
	/* The driver core has freed these, and cleared the pointer. */
	odma_lend_ranges(odev);
	/* As some architectures have this one. */
	odma_hold_ops(odev);
	queue_delayed_work(odma_wq, &odma_sweeper, ODMA_SWEEP_EVERY);
}

static bool odma_same(const char *a, const char *b)
{
	return !strcmp(a ?: "", b ?: "");
}

/**
 * odma_same_terms() - is a device attached as these terms say?
 * @odev: attached
 * @terms: what a rule says
 *
 * Context: process context, odma_mutex held.
 */
bool odma_same_terms(const struct odma_device *odev,
		     const struct odma_terms *terms)
{
	return odev->flags == terms->flags &&
	       odma_same(odev->backend->name, terms->backend) &&
	       odma_same(odev->options, terms->options);
}

/* Only what is live can be undone until that is all gone. */
static void odma_refuse_leftovers(struct odma_device *odev, const char *why)
{
	snprintf(odev->note, sizeof(odev->note),
		 "what its driver %s left behind under '%s' %s",
		 odev->driver, odev->backend->name, why);
	pr_err("%s gets no DMA: %s (remedy: have that freed, or echo \"<bus> %s force\" > /sys/kernel/odma/detach with no driver bound)\n",
	       dev_name(odev->dev), odev->note, dev_name(odev->dev));
	odma_deny(odev);
	odma_enter_state(odev, ODMA_REFUSED);
	odma_veto_bind(odev->dev, -EBUSY);
}

/* Does what lingers still serve its device? If not, the log says why. */
static bool odma_is_served(struct odma_device *odev)
{
	return !odev->backend->resume || !odev->backend->resume(odev);
}

/*
 * A driver is about to be bound while there is an attachment from before; false
 * where that is gone now.
 */
static bool odma_goes_on(struct odma_device *odev,
			 const struct odma_terms *terms)
{
	struct odma_leftovers left;

	odev->probe_failed = false;
	/* odma_attach() came first, or the probe of another driver failed. */
	if (odev->state == ODMA_ATTACHED)
		goto on;
	if (odev->allowed)
		odma_allow(odev);
	if (!odma_find_live(odev, &left)) {
		odma_uninstall(odev);
		return false;
	}
	if (terms && !odma_same_terms(odev, terms)) {
		odma_refuse_leftovers(odev, "keeps it from another backend");
	} else if (!odma_is_served(odev) || odma_save_ranges(odev)) {
		odma_refuse_leftovers(odev, "is not in its reach any more");
	} else if (terms) {
		odma_enter_state(odev, ODMA_ATTACHED);
		pr_info("%s goes on with its attachment to '%s': %llu mappings and %llu allocations of %s are live\n",
			dev_name(odev->dev), odev->backend->name,
			left.mappings, left.allocations, odev->driver);
	}
on:
	odma_hold_ops(odev);
	if (odev->state != ODMA_LINGERING)
		odma_note_driver(odev);
	return true;
}

/**
 * odma_refuse() - a device whose rule can't be kept gets no DMA
 * @dev: the device, not attached
 * @terms: what the rule says
 * @why: for people
 * @error: what the bind ends in
 *
 * Where the bind goes on all the same, each of the driver's calls fails.
 *
 * Context: process context, odma_mutex and the device's lock held, a driver is
 * about to be bound.
 */
void odma_refuse(struct device *dev, const struct odma_terms *terms,
		 const char *why, int error)
{
	struct odma_device *odev = odma_install_refusal(dev, terms);

	odma_veto_bind(dev, error);
	strscpy(odev->note, why, sizeof(odev->note));
	pr_err("%s gets no DMA: its rule '%s%s%s%s' can't be kept: %s (remedy: see the lines above, or take the rule back)\n",
	       dev_name(dev), terms->backend, odma_flag_words(terms->flags),
	       terms->options ? " " : "", terms->options ?: "", why);
}

#define ODMA_PAST_API \
	"goes past the DMA API: what it reaches is not what is mapped for it"
#define ODMA_PAST_REMEDY \
	"its driver hands out physical addresses (remedy: have the hypervisor give it iommu_platform=on,disable-legacy=on)"

/* It calls nothing that an attachment could serve: this would be for show. */
static bool odma_is_for_show(struct device *dev, const struct odma_terms *terms)
{
	const struct odma_backend *backend = odma_find_backend(terms->backend);

	return (!backend || !backend->in_place) && odma_goes_past_dma_api(dev);
}

/**
 * odma_life_may_begin() - would a device be attached for more than for show?
 * @dev: the device
 * @terms: how
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0; -EOPNOTSUPP with a line in the log, where the rule says require.
 */
int odma_life_may_begin(struct device *dev, const struct odma_terms *terms)
{
	if (!(terms->flags & ODMA_REQUIRE) || !odma_is_for_show(dev, terms))
		return 0;
	pr_err("%s can't be attached to '%s': it %s; %s\n", dev_name(dev),
	       terms->backend, ODMA_PAST_API, ODMA_PAST_REMEDY);
	return -EOPNOTSUPP;
}

#define ODMA_UNGUARDED \
	"is behind an external port (untrusted), and nothing keeps it from any memory"

/* What attaches it is no protection, whether or not the kernel had one. */
static void odma_note_trust(struct odma_device *odev)
{
	if (odev->backend->translates || !odma_is_external(odev->dev))
		return;
	strscpy(odev->note, ODMA_UNGUARDED, sizeof(odev->note));
	pr_warn("%s " ODMA_UNGUARDED ": '%s' is no protection (remedy: attach it to 'iommu')\n",
		dev_name(odev->dev), odev->backend->name);
}

static struct odma_device *odma_put_under(struct device *dev,
					  const struct odma_terms *terms)
{
	struct odma_device *odev;
	int ret = odma_life_may_begin(dev, terms);

	if (ret)
		return ERR_PTR(ret);
	odev = odma_install(dev, terms);
	if (IS_ERR(odev))
		return odev;
	odma_note_trust(odev);
	if (!odma_is_for_show(dev, terms))
		return odev;
	strscpy(odev->note, ODMA_PAST_API, sizeof(odev->note));
	pr_warn("%s %s, though it is attached to '%s': %s\n", dev_name(dev),
		ODMA_PAST_API, terms->backend, ODMA_PAST_REMEDY);
	return odev;
}

/* What promises to keep a device from something does so, one way or another. */
static void odma_begin(struct device *dev, const struct odma_terms *terms)
{
	struct odma_device *odev = odma_put_under(dev, terms);
	char why[80];

	if (!IS_ERR(odev) || !odma_is_promise(terms))
		return;
	if (odma_is_for_show(dev, terms))
		strscpy(why, ODMA_PAST_API, sizeof(why));
	else
		snprintf(why, sizeof(why), "error %ld", PTR_ERR(odev));
	odma_refuse(dev, terms, why, PTR_ERR(odev));
}

/*
 * The hardware can't tell some devices apart. When one of them is translated by
 * a domain of a backend's, so are its peers, and the kernel's own DMA code
 * would map for them where the hardware doesn't look.
 */
static struct odma_device *odma_find_peer(struct device *dev)
{
	struct odma_backend *backend;
	struct odma_device *peer;

	list_for_each_entry(backend, &odma_backends, node) {
		peer = backend->shares ? backend->shares(dev) : NULL;
		if (peer && peer->dev != dev)
			return peer;
	}
	return NULL;
}

static void odma_join_peer(struct device *dev, struct odma_device *peer)
{
	struct odma_terms terms = {
		.backend = peer->backend->name,
		.options = peer->options,
		.flags = peer->flags | ODMA_REQUIRE,
	};
	struct odma_device *odev;

	odma_begin(dev, &terms);
	odev = odma_find_device(dev);
	if (odev->state == ODMA_ATTACHED)
		snprintf(odev->note, sizeof(odev->note),
			 "the IOMMU can't tell it from %s, so it is attached like that one",
			 dev_name(peer->dev));
	pr_info("%s: the IOMMU can't tell it from %s, which is attached\n",
		dev_name(dev), dev_name(peer->dev));
}

/**
 * odma_life_bind() - a driver is about to be bound
 * @dev: the device
 * @terms: what its rule says, NULL where there is none
 *
 * Context: process context, odma_mutex and the device's lock held.
 */
void odma_life_bind(struct device *dev, const struct odma_terms *terms)
{
	struct odma_device *odev = odma_find_device(dev), *peer;

	if (odev && odma_goes_on(odev, terms)) {
		odev->ruled = terms;
		return;
	}
	peer = NULL;
	if (!odma_driver_manages_dma(dev, dev->driver))
		peer = odma_find_peer(dev);
	if (peer && (!terms || strcmp(terms->backend, peer->backend->name)))
		odma_join_peer(dev, peer);
	else if (terms)
		odma_begin(dev, terms);
	odev = odma_find_device(dev);
	if (odev)
		odev->ruled = terms;
}

/**
 * odma_life_unbound() - its driver is gone, with all that was managed for it
 * @dev: the device
 *
 * Context: process context, odma_mutex and the device's lock held.
 */
void odma_life_unbound(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (odev)
		odma_retire(odev);
}

/**
 * odma_life_removed() - a device leaves the system
 * @dev: the device; its driver, if it had one, is gone
 *
 * Context: process context, odma_mutex held.
 */
void odma_life_removed(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);
	const struct odma_bounce *bounce;

	if (odev)
		odev->ruled = false;
	if (odev && odev->state != ODMA_LINGERING)
		odma_retire(odev);
	odev = odma_find_device(dev);
	if (!odev)
		return;
	/* If it comes back, it does so in another group. */
	odev->group_type[0] = '\0';
	bounce = READ_ONCE(odev->bounce);
	if (bounce && bounce->unplug)
		bounce->unplug(odev);
	if (odev->backend->unplug)
		odev->backend->unplug(odev);
	odma_hide(odev);
}

/**
 * odma_life_gone() - the kernel's IOMMU code has forgotten a device
 * @dev: the device, as odma_life_removed() has left it
 *
 * On its way that code takes back what it believes to be its own ops, and those
 * who have something of the device's still come by them.
 *
 * Context: process context, odma_mutex held.
 */
void odma_life_gone(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (odev)
		odma_hold_ops(odev);
}

/**
 * odma_life_probe_failed() - a driver's probe failed
 * @dev: the device
 *
 * What the driver managed is not freed yet, so the device can't be given back
 * yet: that is done as soon as its lock is to be had.
 *
 * Context: process context, odma_mutex and the device's lock held.
 */
void odma_life_probe_failed(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (odev) {
		odev->probe_failed = true;
		odma_reap_after = ODMA_REAP_FIRST;
		mod_delayed_work(odma_wq, &odma_reaper, odma_reap_after);
	}
}

/**
 * odma_life_reap() - look after a device whose probe has failed, if it has
 * @dev: the device
 *
 * Whoever has its lock knows that the clean-up is done.
 *
 * Context: process context, odma_mutex and the device's lock held.
 */
void odma_life_reap(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (!odev || !odev->probe_failed)
		return;
	/* Another driver may have bound it in the meantime. */
	odev->probe_failed = false;
	if (!dev->driver)
		odma_retire(odev);
}

/* The lock of a device that is being probed may be held for minutes. */
static void odma_reap_one(struct odma_device *odev)
{
	struct device *dev = get_device(odev->dev);

	if (device_trylock(dev)) {
		odma_life_reap(dev);
		device_unlock(dev);
	}
	put_device(dev);
}

static void odma_reap(struct work_struct *work)
{
	struct odma_device *odev, *next;
	bool some = false;

	mutex_lock(&odma_mutex);
	list_for_each_entry_safe(odev, next, &odma_devices, node)
		if (odev->probe_failed)
			odma_reap_one(odev);
	list_for_each_entry(odev, &odma_devices, node)
		some |= odev->probe_failed;
	if (some) {
		odma_reap_after = min(2 * odma_reap_after, ODMA_SWEEP_EVERY);
		queue_delayed_work(odma_wq, &odma_reaper, odma_reap_after);
	}
	mutex_unlock(&odma_mutex);
}

/*
 * A device whose lock is taken is about to be bound or removed: next time. The
 * kernel may have had a new look at one that is not, say because of its group.
 */
static void odma_sweep_one(struct odma_device *odev)
{
	struct device *dev = get_device(odev->dev);
	struct odma_leftovers left;

	if (device_trylock(dev)) {
		if (!dev->driver && !odma_find_live(odev, &left))
			odma_uninstall(odev);
		else if (!dev->driver && !odma_ops_held(odev))
			odma_hold_ops(odev);
		device_unlock(dev);
	}
	put_device(dev);
}

static void odma_sweep(struct work_struct *work)
{
	struct odma_device *odev, *next;
	bool some = false;

	mutex_lock(&odma_mutex);
	list_for_each_entry_safe(odev, next, &odma_devices, node)
		if (odev->state == ODMA_LINGERING)
			odma_sweep_one(odev);
	list_for_each_entry(odev, &odma_devices, node)
		some |= odev->state == ODMA_LINGERING;
	mutex_unlock(&odma_mutex);
	if (some)
		queue_delayed_work(odma_wq, &odma_sweeper, ODMA_SWEEP_EVERY);
}

/**
 * odma_life_attach() - attach a device without a bind
 * @dev: the device
 * @terms: how
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0; -EBUSY where it is attached otherwise, or what odma_install()
 * says.
 */
int odma_life_attach(struct device *dev, const struct odma_terms *terms)
{
	struct odma_device *odev = odma_find_device(dev);
	struct odma_leftovers left;

	if (odev && odev->state == ODMA_LINGERING) {
		if (!odma_find_live(odev, &left)) {
			odma_uninstall(odev);
			odev = NULL;
		} else if (odma_same_terms(odev, terms) &&
			   odma_is_served(odev)) {
			odma_enter_state(odev, ODMA_ATTACHED);
			odma_hold_ops(odev);
			odma_note_driver(odev);
			return 0;
		}
	}
	if (!odev)
		return PTR_ERR_OR_ZERO(odma_put_under(dev, terms));
	pr_err("%s not attached: %s '%s' %s\n", dev_name(dev),
	       odev->state == ODMA_LINGERING ?
	       "what a driver left behind keeps it under" :
	       "it is attached already, to", odev->backend->name,
	       odev->state == ODMA_LINGERING ?
	       "(remedy: have that freed)" : "(odma_detach() it first)");
	return -EBUSY;
}

/**
 * odma_life_detach() - the contrary
 * @dev: the device
 *
 * Context: process context, odma_mutex held; no DMA call of @dev is under way.
 *
 * Return: 0; -ENOENT where it is not attached.
 */
int odma_life_detach(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (!odev)
		return -ENOENT;
	odma_retire(odev);
	return 0;
}

/**
 * odma_life_settle() - give a device back, if nothing of it lingers any more
 * @dev: the device, which has no rule any more, or is getting one
 *
 * Context: process context, odma_mutex and the device's lock held; no driver is
 * bound.
 *
 * Return: whether it is attached still.
 */
bool odma_life_settle(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (odev && odev->state != ODMA_ATTACHED) {
		odev->ruled = false;
		odma_retire(odev);
	}
	return odma_find_device(dev);
}

/**
 * odma_life_force() - end an attachment, whatever is live
 * @dev: the device
 *
 * What is live is listed, kept from the device, and lost on purpose: nothing is
 * freed that somebody may still hold. Who frees it later does so by the
 * kernel's own functions, which may not be what it takes.
 *
 * Context: process context, odma_mutex and the device's lock held; no driver is
 * bound.
 *
 * Return: 0; -ENOENT where it is not attached.
 */
int odma_life_force(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);
	struct odma_leftovers left;

	if (!odev)
		return -ENOENT;
	if (!odma_find_live(odev, &left)) {
		odma_uninstall(odev);
		return 0;
	}
	pr_warn("%s: detached by force from '%s': %llu mappings (%llu bytes) and %llu allocations (%llu bytes) of %s are lost\n",
		dev_name(dev), odev->backend->name, left.mappings, left.bytes,
		left.allocations, left.allocated, odev->driver);
	odma_abandon(odev);
	return 0;
}

int odma_life_init(void)
{
	odma_wq = alloc_workqueue("odma", WQ_UNBOUND, 0);
	return odma_wq ? 0 : -ENOMEM;
}

/* No device is attached any more: each would hold a reference on the module. */
void odma_life_exit(void)
{
	cancel_delayed_work_sync(&odma_reaper);
	cancel_delayed_work_sync(&odma_sweeper);
	destroy_workqueue(odma_wq);
}
