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

/* Every rule, a line each. */
static void odma_print_rules(struct seq_buf *s)
{
	const struct odma_rule *rule;

	list_for_each_entry(rule, &odma_rules, node)
		odma_print_rule(s, rule);
}

static void odma_print_mappings(struct seq_buf *s, struct odma_device *odev)
{
	struct odma_leftovers left;

	if (odma_known_mappings(odev, &left))
		seq_buf_printf(s, " %llu %llu", left.mappings, left.bytes);
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
	const struct device_driver *drv;
	bool lingers = odev->state == ODMA_LINGERING;
	struct odma_counters sum;
	struct odma_balance allocs;

	odma_sum_counters(odev, &sum);
	odma_balance_allocs(&sum, &allocs);
	seq_buf_printf(s, "%s %s %s %s", odev->dev->bus->name,
		       dev_name(odev->dev), odev->backend->name,
		       odma_state_name(odev));
	/* It may be unbound meanwhile; its module goes after a grace period. */
	rcu_read_lock();
	drv = READ_ONCE(odev->dev->driver);
	odma_print_word(s, drv ? drv->name : "-");
	rcu_read_unlock();
	odma_print_word(s, lingers ? odev->driver : "-");
	seq_buf_printf(s, " %lld", ktime_get_boottime_seconds() - odev->since);
	odma_print_mappings(s, odev);
	seq_buf_printf(s, " %llu %llu%s%s\n", allocs.live, allocs.bytes,
		       *odev->note ? " " : "", odev->note);
}

/*
 * Every attachment, a line each: <bus> <device> <backend> <state> <driver>
 * <owner> <seconds> <mappings> <bytes> <allocations> <bytes> [note], see
 * Documentation/rules.md.
 */
static void odma_print_attachments(struct seq_buf *s)
{
	struct odma_device *odev;

	list_for_each_entry(odev, &odma_devices, node)
		odma_print_attachment(s, odev);
}

/*
 * struct odma_text - a text that stays the same while somebody reads it
 * @print: makes it anew
 * @reader: whoever had it made
 * @text: as it was then
 * @len: bytes
 */
struct odma_text {
	void (*print)(struct seq_buf *s);
	const struct file *reader;
	char *text;
	size_t len;
};

struct odma_text odma_rules_text = { .print = odma_print_rules };
struct odma_text odma_attachments_text = { .print = odma_print_attachments };

/* Under odma_mutex, as all of it. */
static int odma_make_text(struct odma_text *t)
{
	size_t size = PAGE_SIZE;
	struct seq_buf s;

	for (;; size *= 2) {
		char *text = kvmalloc(size, GFP_KERNEL);

		if (!text)
			return -ENOMEM;
		seq_buf_init(&s, text, size);
		t->print(&s);
		if (!seq_buf_has_overflowed(&s)) {
			kvfree(t->text);
			t->text = text;
			t->len = seq_buf_used(&s);
			return 0;
		}
		kvfree(text);
	}
}

/**
 * odma_show_text() - read from a text
 * @t: the text
 * @reader: the open file; who reads on in it has the rest of the same text, as
 *	    a shell, which reads byte by byte, would else get the head of one
 *	    line and the tail of another
 * @buf: where to
 * @off: from where in the text; it is made anew for who begins
 * @count: at most so many bytes
 *
 * Context: process context, odma_mutex not held; may sleep.
 *
 * Return: bytes that were read; -ENOMEM.
 */
ssize_t odma_show_text(struct odma_text *t, const struct file *reader,
		       char *buf, loff_t off, size_t count)
{
	ssize_t ret = 0;

	mutex_lock(&odma_mutex);
	if (!off || !t->text || t->reader != reader)
		ret = odma_make_text(t);
	t->reader = reader;
	if (!ret)
		ret = memory_read_from_buffer(buf, count, &off, t->text,
					      t->len);
	mutex_unlock(&odma_mutex);
	return ret;
}

/**
 * odma_drop_text() - forget a text that nobody reads any more
 * @t: the text
 *
 * Context: process context.
 */
void odma_drop_text(struct odma_text *t)
{
	kvfree(t->text);
	t->text = NULL;
}
