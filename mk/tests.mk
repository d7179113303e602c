# SPDX-License-Identifier: GPL-2.0-only
#
# What needs no accelerator: everything here runs in an emulated host that is
# built on first use and kept outside the tree (docs/testing.md).

.PHONY: setup packages demo check run endure kunit lint mutate

setup:
	@scripts/setup.sh

# Even with a warm cache: packages may have gone, or the cache come from elsewhere.
packages:
	@scripts/packages.sh

demo: packages
	@scripts/run-vm.sh demo

check:
	@scripts/check.sh $(RUN)

run: packages
	@scripts/run-vm.sh $(if $(ONLY),-o '$(ONLY)') $(or $(RUN),system)

# 2000 walks, half of them on V3; another seed each time unless one is given.
endure: packages
	@HACC_WALKS=$(or $(WALKS),1000) HACC_SEED=$(or $(SEED),$(shell date +%s)) \
		scripts/run-vm.sh endure

kunit:
	@scripts/check.sh kunit

lint:
	@scripts/check.sh lint

mutate: packages
	@scripts/mutate.sh $(PATCH)

help::
	@echo 'Without hardware, in an emulated host:'
	@echo '  demo      see a VF with jobs in flight migrate'
	@echo '  check     all tests; RUN="system interop-7.3" for some'
	@echo '  run       one run, live; RUN=<run> ONLY="<words of a test>"'
	@echo '  endure    random walks over the states; SEED=<number> repeats one'
	@echo '  kunit     the KUnit tests alone'
	@echo '  lint      checkpatch, sparse, compiler warnings, shellcheck'
	@echo '  mutate    break the driver in known ways; each must be caught'
	@echo '  setup     only build what the others need'
