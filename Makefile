# SPDX-License-Identifier: GPL-2.0
# odma: loadable DMA mapping layer.  "make help" lists the targets.

# The newest headers on the machine, unless KVER= names others.
KVER ?= $(shell ls -d /lib/modules/*/build 2>/dev/null | \
	sed 's,^/lib/modules/,,; s,/build$$,,' | sort -V | tail -n 1)
KDIR ?= /lib/modules/$(KVER)/build
BUILD := $(CURDIR)/build/$(KVER)
SOURCES := Kbuild mapping direct include kunit samples

.DEFAULT_GOAL := modules

modules: tree ## build every module for KVER into build/KVER/ (default)
	$(MAKE) -C $(KDIR) M=$(BUILD) modules

# Kbuild writes beside the sources: so it works on a tree of links to them.
tree:
	@[ -n "$(KVER)" ] && [ -e $(KDIR)/Makefile ] || { \
		echo "no kernel headers$(if $(KVER), for $(KVER)):" \
		     "install linux-headers-amd64, or set KVER= or KDIR=" >&2; \
		exit 1; }
	@mkdir -p $(BUILD)/scripts
	@find $(BUILD) -xtype l -delete
	@cp -rsf $(addprefix $(CURDIR)/,$(wildcard $(SOURCES))) $(BUILD)/
	@cp -sf $(CURDIR)/scripts/kernel-features $(BUILD)/scripts/

.PHONY: modules tree
