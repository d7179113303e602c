# SPDX-License-Identifier: GPL-2.0-only
#
# Packages, and the kernels and hosts that they are for (docs/install.md).

.PHONY: dist deb rpm matrix check-packages check-dkms

PACKAGES ?= $(CURDIR)/packages

dist deb rpm:
	@scripts/package.sh $@ $(PACKAGES)

matrix:
	@scripts/matrix.sh

check-packages:
	@scripts/package-check.sh

check-dkms:
	@scripts/dkms-check.sh

help::
	@echo 'Packages and kernels:'
	@echo '  dist deb rpm    source tarball, Debian packages, RPM packages; PACKAGES=<directory>'
	@echo '  matrix          every series of kernel that Debian has, by gcc and clang'
	@echo '  check-packages  build the packages; lintian and rpmlint'
	@echo '  check-dkms      install, update and remove by DKMS in a Debian for arm64'
