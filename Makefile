# SPDX-License-Identifier: GPL-2.0-only
#
# make                 build the module for the running kernel
# make KDIR=...        build it for another kernel tree (ARCH=, CROSS_COMPILE= as usual)
# make help            what else there is

KDIR ?= /lib/modules/$(shell uname -r)/build

.PHONY: modules install uninstall clean help kdir

# A kernel that clang has built takes modules of clang alone.
ifneq ($(shell grep -s '^CONFIG_CC_IS_CLANG=y' $(KDIR)/.config),)
export LLVM ?= 1
endif

# First, so that a plain make builds the module.
modules: kdir
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

kdir:
	@test -d "$(KDIR)" || { \
		echo "no kernel build tree at $(KDIR): install the kernel's headers, or name a tree with KDIR=" >&2; \
		exit 1; \
	}

install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_DIR=updates modules_install

# What "install" has put there. A module of DKMS or of a package is theirs to remove.
uninstall: kdir
	release=$$($(MAKE) -s --no-print-directory -C $(KDIR) kernelrelease) && \
	rm -f "$(INSTALL_MOD_PATH)/lib/modules/$$release/updates/hisi-acc-vfio-pci.ko"* && \
	depmod $(if $(INSTALL_MOD_PATH),-b "$(INSTALL_MOD_PATH)") "$$release"

clean: kdir
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean

help::
	@echo 'The module:'
	@echo '  modules   build hisi-acc-vfio-pci.ko (default); KDIR=<kernel tree>'
	@echo '  install   build it and install it under updates/, where it goes before the in-tree one'
	@echo '  uninstall remove that file: modprobe takes the in-tree module again'
	@echo '  clean     remove what was built here'

-include mk/tool.mk mk/packages.mk mk/tests.mk mk/silicon.mk
