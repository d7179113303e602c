# SPDX-License-Identifier: GPL-2.0-only
#
# The kit that asks a chip, and what becomes of its answers (docs/silicon.md).

.PHONY: silicon-kit silicon-replay silicon-draws

silicon-kit: packages
	@scripts/silicon-kit.sh

silicon-replay: packages
	@scripts/silicon-replay.sh $(TRANSCRIPT) $(RUN)

# 100 draws of answers, half of them on V3; another seed each time unless one is given.
silicon-draws: packages
	@HACC_WALKS=$(or $(DRAWS),50) HACC_SEED=$(or $(SEED),$(shell date +%s)) \
		scripts/run-vm.sh -o "the kit is right" silicon

help::
	@echo 'For owners of Kunpeng hosts:'
	@echo '  silicon-kit     build hisi-acc-silicon, which asks a chip what nobody knows; prints where it is'
	@echo '  silicon-replay  run the tests as that chip answers; TRANSCRIPT=<file>'
	@echo '  silicon-draws   the kit on answers drawn at random; SEED=<number> DRAWS=<number of each kind>'
