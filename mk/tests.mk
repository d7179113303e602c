# SPDX-License-Identifier: GPL-2.0-only
#
# What needs no accelerator: everything here runs in an emulated host that is
# built on first use and kept outside the tree (docs/testing.md).

.PHONY: setup packages demo demo-vm check check-vm check-pages check-debug check-kcsan coverage check-silicon run endure fuzz qtest kunit lint mutate bench

setup:
	@scripts/setup.sh

# Even with a warm cache: packages may have gone, or the cache come from elsewhere.
packages:
	@scripts/packages.sh

demo: packages
	@scripts/run-vm.sh demo

demo-vm: packages
	@scripts/run-vm.sh vm-demo

check:
	@scripts/check.sh $(RUN)

# Guests under Debian's QEMU migrate. The first is part of "check", too.
check-vm:
	@scripts/check.sh $(or $(RUN),vm vm-more vm-type1 vm-lost vm-intree vm-intree-7.3 vm-backports vm-newest vm-7.3 vm-libvirt vm-two dirty-7.3)

# Hosts with other pages; the second is part of "check", too.
check-pages:
	@scripts/check.sh pages-16k pages-64k

run: packages
	@scripts/run-vm.sh $(if $(ONLY),-o '$(ONLY)') $(or $(RUN),system)

# 2000 walks, half of them on V3, and 10,000 hostile records; another seed each time
# unless one is given.
endure: packages
	@HACC_WALKS=$(or $(WALKS),1000) HACC_RECORDS=$(or $(RECORDS),10000) HACC_SEED=$(or $(SEED),$(shell date +%s)) \
		scripts/run-vm.sh endure

# All pairs of answers that an accelerator may give; MODE=stock: the kernel's own drivers.
check-silicon:
	@scripts/check-silicon.sh $(MODE)

# All that runs on 6.12, on the kernel that notices a driver's mistakes.
check-debug:
	@HACC_KERNEL=6.12-debug scripts/check.sh $(or $(RUN),kunit demo system \
		faults resets sweeps engines endure interop-6.12 stock-6.12)

# Data races of the driver, on a kernel that watches its memory accesses.
check-kcsan:
	@HACC_KERNEL=6.12-kcsan scripts/check.sh $(or $(RUN),system resets)

# Which lines and branches of the driver the tests run.
coverage:
	@scripts/coverage.sh $(RUN)

# A million hostile streams for the driver's parser, ten seconds of which are part of
# "check"; another seed each time unless one is given.
fuzz: packages
	@HACC_SEED=$(or $(SEED),$(shell date +%s)) scripts/fuzz.sh $(or $(STREAMS),1000000)

# The emulated accelerator itself, without a kernel.
qtest: packages
	@scripts/qtest.sh $(TEST)

kunit:
	@scripts/check.sh kunit

lint:
	@scripts/check.sh lint

mutate: packages
	@scripts/mutate.sh $(PATCH)

# Both drivers on the same accelerators: docs/bench.md, which it makes anew.
bench: packages
	@$(if $(TRANSCRIPT),HACC_SILICON="$$(scripts/silicon-replay.sh -p $(TRANSCRIPT))") scripts/bench.sh

help::
	@echo 'Without hardware, in an emulated host:'
	@echo '  demo      see a VF with jobs in flight migrate'
	@echo '  demo-vm   see a guest at work migrate under QEMU'
	@echo '  check     all tests; RUN="system interop-7.3" for some'
	@echo '  check-debug  what runs on 6.12, with KASAN, lockdep and kmemleak'
	@echo '  check-kcsan  data races of the driver'
	@echo '  coverage  lines and branches of the driver that the tests run'
	@echo '  check-pages  hosts with pages of 16 and 64 KiB'
	@echo '  check-vm  guests under Debian'\''s QEMU migrate, in many ways'
	@echo '  check-silicon  right on every plausible chip: all pairs of answers'
	@echo '  run       one run, live; RUN=<run> ONLY="<words of a test>"'
	@echo '  endure    random walks over the states, hostile records; SEED=<number> repeats one'
	@echo '  fuzz      a million hostile streams; SEED=<number> repeats them'
	@echo '  qtest     the emulated accelerator without a kernel; TEST=/acc/job for some'
	@echo '  kunit     the KUnit tests alone'
	@echo '  lint      checkpatch, sparse, compiler warnings, shellcheck'
	@echo '  mutate    break the driver in known ways; each must be caught'
	@echo '  bench     measure blackout and scale against the in-tree driver; makes docs/bench/'
	@echo '  setup     only build what the others need'
