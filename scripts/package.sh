#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# package.sh dist|deb|deb-dkms|rpm DIR [VERSION]: make in DIR
#	dist	hisi-acc-vfio-pci-VERSION.tar.gz, with all of this tree
#	deb	the Debian source package, and what comes of it
#	deb-dkms	the Debian package for DKMS alone
#	rpm	the RPM packages, source and binary
# VERSION is the one in dkms.conf unless given. What it takes to make them is put in
# DIR/build, and stays there only if something fails.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

usage="usage: package.sh dist|deb|deb-dkms|rpm DIR [VERSION]"
verb=${1:?$usage} dir=${2:?$usage}
name=hisi-acc-vfio-pci
own_version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$HACC_TOP/dkms.conf")
version=${3:-$own_version}

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
build=$dir/build
tarball=$build/$name-$version.tar.gz
rm -rf "$build"
mkdir "$build"

# The tree may or may not be a git checkout, and may have been built in; the
# same tree gives the same bytes. Its files are as old as the release.
dist() {
	local tree=$build/$name-$version released

	released=$(sed -n '/^ -- /{s/.*>  //p;q}' "$HACC_TOP/packaging/debian/changelog")

	rm -rf "$tree"
	mkdir "$tree"
	(cd "$HACC_TOP" && tar -c \
		--exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
		--exclude='*.order' --exclude='*.symvers' --exclude='.*.cmd' \
		--exclude='tools/hisi-acc-mig' \
		-- *.[ch] Kbuild Makefile *.md COPYING dkms.conf .shellcheckrc .ci \
		docs include mk packaging scripts tests tools) | tar -x -C "$tree"
	if [[ $version != "$own_version" ]]; then
		sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$version\"/" "$tree/dkms.conf"
		sed -i "1s/($own_version-/($version-/" "$tree/packaging/debian/changelog"
		sed -i "s/^Version:.*/Version:        $version/" "$tree/packaging/$name.spec"
	fi
	tar -c -C "$build" --sort=name --mtime="$released" --owner=0 --group=0 --numeric-owner \
		--mode=u+rw,go+r,go-w "$name-$version" | gzip -9n >"$tarball"
}

deb() {
	cp "$tarball" "$build/${name}_$version.orig.tar.gz"
	cp -r "$build/$name-$version/packaging/debian" "$build/$name-$version/debian"
	(cd "$build/$name-$version" && dpkg-buildpackage -us -uc "$@") &&
		mv "$build"/*_"$version"[-.]* "$dir"
}

deb-dkms() {
	deb -A
}

rpm() {
	mkdir -p "$build/rpm"/{SOURCES,SPECS}
	cp "$tarball" "$build/rpm/SOURCES"
	cp "$build/$name-$version/packaging/$name.spec" "$build/rpm/SPECS"
	rpmbuild -ba --define "_topdir $build/rpm" --nodeps "$build/rpm/SPECS/$name.spec" &&
		find "$build/rpm" -name '*.rpm' -exec mv -t "$dir" {} +
}

# need COMMAND PACKAGE...: Debian gets what is missing, others are told.
need() {
	local command=$1
	shift

	if command -v dpkg-query >/dev/null; then
		"$HACC_TOP/scripts/packages.sh" -o "$@"
	elif ! command -v "$command" >/dev/null; then
		die "$command is missing; install the package that has it"
	fi
}

case $verb in
dist) ;;
deb | deb-dkms) need dpkg-buildpackage build-essential debhelper dh-dkms fakeroot libjansson-dev pkg-config ;;
rpm) need rpmbuild rpm gcc make libjansson-dev pkg-config ;;
*) die "$usage" ;;
esac
run_step "$name $version: tarball" "$build/dist.log" dist
case $verb in
dist) mv "$tarball" "$dir" ;;
*) run_step "$name $version: $verb" "$build/$verb.log" "$verb" ;;
esac
rm -rf "$build"
case $verb in
dist) echo "$dir/${tarball##*/}" ;;
deb*) find "$dir" -maxdepth 1 -name "*_$version-*.deb" ;;
rpm) find "$dir" -maxdepth 1 -name "*-$version-*.rpm" ;;
esac
