// SPDX-License-Identifier: GPL-2.0
/*
 * Rules and attachments in text, for /sys/kernel/odma.
 */
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include "core.h"

static void odma_print_rule(struct seq_buf *s, const struct odma_rule *rule)
{
	seq_buf_printf(s, "%s %s %s%s%s%s\n", rule->bus, rule->device,
		       rule->terms.backend, odma_flag_words(rule->terms.flags),
		       rule->terms.options ? " " : "",
		       rule->terms.options ?: "");
}

/**
 * odma_print_rules() - every rule, a line each
 * @s: where to
 *
 * Context: process context, odma_mutex held.
 */
void odma_print_rules(struct seq_buf *s)
{
	const struct odma_rule *rule;

	list_for_each_entry(rule, &odma_rules, node)
		odma_print_rule(s, rule);
}

static void odma_print_mappings(struct seq_buf *s, struct odma_device *odev)
{
	struct odma_leftovers left;

	if (odma_known_mappings(odev, &left))
		seq_buf_printf(s, " %lld %lld", (s64)left.mappings,
			       (s64)left.bytes);
	else
		seq_buf_printf(s, " - -");
}

/* Names of drivers may have spaces, and a word here may not. */
static void odma_print_word(struct seq_buf *s, const char *word)
{
	seq_buf_printf(s, " ");
	for (; *word; word++)
		seq_buf_printf(s, "%c", *word == ' ' ? '_' : *word);
}

static void odma_print_attachment(struct seq_buf *s, struct odma_device *odev)
{
	const struct device_driver *drv = READ_ONCE(odev->dev->driver);
	bool lingers = odev->state == ODMA_LINGERING;
	struct odma_counters sum;

	odma_sum_counters(odev, &sum);
	seq_buf_printf(s, "%s %s %s %s", odev->dev->bus->name,
		       dev_name(odev->dev), odev->backend->name,
		       odma_state_name(odev));
	odma_print_word(s, drv ? drv->name : "-");
	odma_print_word(s, lingers ? odev->driver : "-");
	seq_buf_printf(s, " %lld", ktime_get_boottime_seconds() - odev->since);
	odma_print_mappings(s, odev);
	seq_buf_printf(s, " %lld %lld%s%s\n", sum.allocs - sum.frees,
		       sum.alloc_bytes - sum.free_bytes,
		       *odev->note ? " " : "", odev->note);
}

/**
 * odma_print_attachments() - every attachment, a line each
 * @s: where to
 *
 * <bus> <device> <backend> <state> <driver> <owner> <seconds> <mappings>
 * <bytes> <allocations> <bytes> [note]: see Documentation/rules.md.
 *
 * Context: process context, odma_mutex held.
 */
void odma_print_attachments(struct seq_buf *s)
{
	struct odma_device *odev;

	list_for_each_entry(odev, &odma_devices, node)
		odma_print_attachment(s, odev);
}

/**
 * odma_show_text() - read from a text that is made anew for each read
 * @print: makes it
 * @buf: where to
 * @off: from where in the text
 * @count: at most so many bytes
 *
 * Context: process context, odma_mutex not held; may sleep.
 *
 * Return: bytes that were read; -ENOMEM.
 */
ssize_t odma_show_text(void (*print)(struct seq_buf *s), char *buf, loff_t off,
		       size_t count)
{
	size_t size = PAGE_SIZE;
	struct seq_buf s;
	ssize_t ret;
	char *text;

	for (;; size *= 2) {
		text = kvmalloc(size, GFP_KERNEL);
		if (!text)
			return -ENOMEM;
		seq_buf_init(&s, text, size);
		mutex_lock(&odma_mutex);
		print(&s);
		mutex_unlock(&odma_mutex);
		if (!seq_buf_has_overflowed(&s))
			break;
		kvfree(text);
	}
	ret = memory_read_from_buffer(buf, count, &off, text,
				      seq_buf_used(&s));
	kvfree(text);
	return ret;
}
