#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# package-check.sh: build the packages as a distributor would, from a copy of
# the tree without git, and see what lintian and rpmlint say. Nothing is
# installed. The last line says "N passed, N failed".
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"

dir=$HACC_CACHE/run/packages
rm -rf "$dir"
mkdir -p "$dir"
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$HACC_TOP/dkms.conf")

versions() {
	local changelog spec

	changelog=$(dpkg-parsechangelog -l "$HACC_TOP/packaging/debian/changelog" -S Version)
	spec=$(sed -n 's/^Version: *//p' "$HACC_TOP"/packaging/*.spec)
	echo "dkms.conf: $version, debian/changelog: $changelog, spec: $spec"
	[[ ${changelog%-*} == "$version" && $spec == "$version" ]]
}

# Without git, and after somebody has built in it, a tree gives the same tarball.
same_tarball() {
	local tarball=hisi-acc-vfio-pci-$version.tar.gz

	"$HACC_TOP/scripts/package.sh" dist "$dir/first" || return
	tar -xf "$dir/first/$tarball" -C "$dir" || return
	tree=$dir/hisi-acc-vfio-pci-$version
	touch "$tree"/{mig_fsm.o,hisi-acc-vfio-pci.ko,.mig_fsm.o.cmd,Module.symvers}
	"$tree/scripts/package.sh" dist "$dir/second" || return
	cmp "$dir/first/$tarball" "$dir/second/$tarball"
}

deb() {
	"$tree/scripts/package.sh" deb "$dir/deb"
}

run_lintian() {
	local said

	said=$(lintian --allow-root --fail-on error,warning "$dir"/deb/*.changes 2>&1) || {
		echo "$said"
		return 1
	}
	[[ -z $said ]] || echo "$said"
}

rpm() {
	"$tree/scripts/package.sh" rpm "$dir/rpm"
}

run_rpmlint() {
	local said packages

	mapfile -t packages < <(find "$dir/rpm/rpm" -name '*.rpm')
	said=$(rpmlint -c "$tree/packaging/rpmlint.toml" "$tree"/packaging/*.spec \
		"${packages[@]}" 2>&1)
	echo "$said"
	((${#packages[@]} == 3)) && grep -q ' 0 errors, 0 warnings' <<<"$said"
}

# The two formats carry one module, and it is all there.
same_module() {
	local deb rpm

	deb=$dir/from-deb rpm=$dir/from-rpm
	dpkg-deb -x "$dir"/deb/hisi-acc-vfio-pci-dkms_*.deb "$deb" || return
	mkdir "$rpm"
	(cd "$rpm" && rpm2cpio "$dir"/rpm/rpm/RPMS/noarch/*-dkms-*.rpm | cpio -id --quiet) ||
		return
	diff -r "$deb/usr/src/hisi-acc-vfio-pci-$version" \
		"$rpm/usr/src/hisi-acc-vfio-pci-$version" || return
	"$HACC_TOP/scripts/module.sh" 6.12 "$deb/usr/src/hisi-acc-vfio-pci-$version" \
		"$dir/module" || return
	[[ -f $dir/module/hisi-acc-vfio-pci.ko ]]
}

check() {
	tap_number=0
	tap_result "dkms.conf, debian/changelog and the spec name one version" versions
	tap_result "a tree gives the same tarball without git, and built in" same_tarball
	tree=$dir/hisi-acc-vfio-pci-$version
	tap_result "the Debian packages build" deb
	tap_result "lintian has no error and no warning" run_lintian
	tap_result "the RPM packages build" rpm
	tap_result "rpmlint has no error and no warning" run_rpmlint
	tap_result "both have the same module, which compiles" same_module
	echo "1..$tap_number"
}

"$HACC_TOP/scripts/packages.sh" debhelper dh-dkms fakeroot lintian rpm rpmlint libjansson-dev
tap_run "$dir" "" check
