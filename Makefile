# SPDX-License-Identifier: GPL-2.0
# odma: loadable DMA mapping layer.  "make help" lists the targets.

# The newest headers on the machine, unless KVER= names others.
KVER ?= $(shell ls -d /lib/modules/*/build 2>/dev/null | \
	sed 's,^/lib/modules/,,; s,/build$$,,' | sort -V | tail -n 1)
KDIR ?= /lib/modules/$(KVER)/build
BUILD := $(CURDIR)/build/$(KVER)
# The kernel's headers are free of these warnings, and so are we.
W ?= 1
SOURCES := Kbuild mapping coherent direct iommu swiotlb include kunit samples \
	bench

.DEFAULT_GOAL := modules

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' \
		$(MAKEFILE_LIST) | expand -t 20
	@echo "  KVER=<version>    kernel to build for (now: $(KVER))"
	@echo "  FULL=1            make test: the sweep over all device models, too"
	@echo "  FILTER=<glob>     which KUnit suites or cases make kunit runs"
	@echo "  ODMA_CACHE=<dir>  where kernels are kept (~/.cache/odma)"

demo: ## the main job in a QEMU guest: a stock NVMe disk and network card on odma
	@scripts/setup demo
	@scripts/build-stock 6.12
	@scripts/guest/demo

test: ## every test, on every kernel; ends with "N passed, N failed"
	@scripts/setup test
	@FULL='$(FULL)' scripts/test

modules: tree ## build every module for KVER into build/KVER/ (default)
	$(MAKE) -C $(KDIR) M=$(BUILD) W=$(W) modules

kunit: ## the fast loop: KUnit suites on one kernel (FLAVOUR=, FILTER=)
	@scripts/setup kunit
	@FILTER='$(FILTER)' scripts/kunit $(or $(FLAVOUR),x86_64-6.12)

kunit-kmsan: ## the same on a KMSAN kernel, which sees uninitialised memory
	@scripts/setup test
	@FILTER='$(FILTER)' scripts/kunit x86_64-6.12-kmsan

bench: ## instructions of every path, odma's and the kernel's, with targets
	@scripts/setup test
	@scripts/bench

fuzz: ## page tables, slots, bitmap: FUZZ_SECONDS (600) each under a fuzzer
	@scripts/setup test
	@scripts/fuzz long

check: ## warnings, sparse, checkpatch, shellcheck, kernel-doc
	@scripts/setup kunit
	@scripts/check

# A folder of its own, so that uninstall knows what is odma's.
INSTALL_MOD_DIR := updates/odma
INSTALLED := $(INSTALL_MOD_PATH)/lib/modules/$(KVER)/$(INSTALL_MOD_DIR)
DEPMOD := depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(KVER)

install: modules ## install the modules for KVER (modules_install, depmod)
	$(MAKE) -C $(KDIR) M=$(BUILD) INSTALL_MOD_DIR=$(INSTALL_MOD_DIR) \
		modules_install
	$(DEPMOD)

uninstall: ## remove them again
	rm -rf $(INSTALLED)
	$(DEPMOD)

clean: ## remove build/ (the cache of kernels stays)
	rm -rf build

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

.PHONY: help demo test modules kunit kunit-kmsan fuzz bench check install uninstall clean tree
