// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/odma: tables for people.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "../coherent/coherent.h"
#include "core.h"

static struct dentry *odma_debugfs;

static void odma_show_mappings(struct seq_file *m, struct odma_device *odev)
{
	struct odma_leftovers left;

	if (odma_known_mappings(odev, &left))
		seq_printf(m, "%12llu %14llu ", left.mappings, left.bytes);
	else
		seq_printf(m, "%12s %14s ", "-", "-");
}

static void odma_show_device(struct seq_file *m, struct odma_device *odev)
{
	const struct device_driver *drv;
	bool lingers = odev->state == ODMA_LINGERING;
	struct odma_balance allocs;
	struct odma_counters c;

	odma_sum_counters(odev, &c);
	odma_balance_allocs(&c, &allocs);
	/* It may be unbound meanwhile; its module goes after a grace period. */
	rcu_read_lock();
	drv = READ_ONCE(odev->dev->driver);
	seq_printf(m, "%-10s %-20s %-14s %-10s %-9s %-14s ",
		   odev->dev->bus->name, dev_name(odev->dev),
		   drv ? drv->name : "-", odev->backend->name,
		   odma_state_name(odev), lingers ? odev->driver : "-");
	rcu_read_unlock();
	odma_show_mappings(m, odev);
	seq_printf(m, "%12llu %14llu %8llu %10lld\n", allocs.live,
		   allocs.bytes, c.failures,
		   ktime_get_boottime_seconds() - odev->since);
}

static int devices_show(struct seq_file *m, void *unused)
{
	struct odma_device *odev;
	bool uncounted = false;

	seq_printf(m, "%-10s %-20s %-14s %-10s %-9s %-14s %12s %14s %12s %14s %8s %10s\n",
		   "bus", "device", "driver", "backend", "state", "left-by",
		   "mappings", "bytes", "allocations", "bytes", "failures",
		   "since (s)");
	mutex_lock(&odma_mutex);
	list_for_each_entry(odev, &odma_devices, node) {
		odma_show_device(m, odev);
		uncounted |= !(odev->flags & ODMA_STATS) &&
			     odev->state != ODMA_LINGERING;
	}
	mutex_unlock(&odma_mutex);
	if (uncounted)
		seq_puts(m, "# - : mappings are counted where the rule says stats, or of what lingers\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(devices);

/* Without debugfs everything else works, so its errors don't count. */
void odma_debugfs_init(void)
{
	odma_debugfs = debugfs_create_dir("odma", NULL);
	debugfs_create_file("devices", 0400, odma_debugfs, NULL,
			    &devices_fops);
	odma_pools_debugfs(odma_debugfs);
}

void odma_debugfs_exit(void)
{
	debugfs_remove_recursive(odma_debugfs);
}
