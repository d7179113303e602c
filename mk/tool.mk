# SPDX-License-Identifier: GPL-2.0-only
#
# The operator's tool, tools/. Needs a C compiler and jansson.

.PHONY: tool install-tool

tool:
	$(MAKE) -C tools

install-tool:
	$(MAKE) -C tools install

help::
	@echo 'The operator'"'"'s tool:'
	@echo '  tool          build tools/hisi-acc-mig; needs libjansson-dev'
	@echo '  install-tool  install it, its man pages and its completion; PREFIX=, DESTDIR='
