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

# Nothing but packages is left behind.
deb() {
	"$tree/scripts/package.sh" deb "$dir/deb" && [[ ! -e $dir/deb/build ]] &&
		[[ -z $(find "$dir/deb" -mindepth 1 -type d) ]]
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
	"$tree/scripts/package.sh" rpm "$dir/rpm" && [[ ! -e $dir/rpm/build ]] &&
		[[ -z $(find "$dir/rpm" -mindepth 1 -type d) ]]
}

# The RPM's own script among kernels of which one is good, one lacks the PF drivers,
# and one can't be built for: run with a dkms that only says what it is asked.
rpm_post() {
	local modules=$dir/post/modules kernel said

	mkdir -p "$dir/post/bin"
	for kernel in good broken; do
		mkdir -p "$modules/$kernel/build"
		printf '%s\n' CONFIG_VFIO_PCI_CORE=m CONFIG_CRYPTO_DEV_HISI_QM=m \
			>"$modules/$kernel/build/.config"
	done
	mkdir -p "$modules/bare/build"
	echo CONFIG_VFIO_PCI_CORE=m >"$modules/bare/build/.config"
	printf '#!/bin/sh\necho "dkms $*"\ncase "$*" in build*broken*) exit 10 ;; esac\n' \
		>"$dir/post/bin/dkms"
	chmod +x "$dir/post/bin/dkms"
	command rpm -qp --qf '%{POSTIN}' "$dir"/rpm/*-dkms-*.noarch.rpm |
		sed "s|/lib/modules|$modules|g" >"$dir/post/script" || return
	! said=$(PATH=$dir/post/bin:$PATH sh "$dir/post/script" 2>&1) || return
	echo "$said"
	grep -q "dkms install .* -k good" <<<"$said" &&
		! grep -q "dkms .*bare" <<<"$said" &&
		grep -q "bare is skipped, it was built without CONFIG_CRYPTO_DEV_HISI_QM" <<<"$said" &&
		grep -q "there is no module for kernel broken;" <<<"$said" || return
	rm -r "$modules/broken"
	PATH=$dir/post/bin:$PATH sh "$dir/post/script"
}

# What README and the manual pages point to comes along.
docs_are_there() {
	local page root

	mkdir "$dir/mig-deb" "$dir/mig-rpm"
	dpkg-deb -x "$dir"/deb/hisi-acc-mig_*.deb "$dir/mig-deb" &&
		(cd "$dir/mig-rpm" && rpm2cpio "$(find "$dir/rpm" -name 'hisi-acc-mig-[0-9]*.rpm')" |
			cpio -id --quiet) || return
	for root in "$dir"/{from-deb,from-rpm,mig-deb,mig-rpm}/usr/share/doc/*/; do
		while read -r page; do
			[[ -e $root$page ]] || {
				echo "$root lacks $page"
				return 1
			}
		done < <(grep -oE '\]\(docs/[^)#]*' "$tree/README.md" | cut -c 3- | sort -u)
	done
	for root in from-deb from-rpm; do
		compgen -G "$dir/$root/usr/share/man/man4/hisi_acc_vfio_pci.4*" || return
	done
}

# As the page about boots has it, in the trees of both packages.
unit_is_enabled() {
	local root unit=hisi-acc-mig.service

	for root in "$dir"/{mig-deb,mig-rpm}; do
		grep -qx 'ExecStart=/usr/sbin/hisi-acc-mig apply' \
			"$root/usr/lib/systemd/system/$unit" || return
		[[ ! -e $root/etc/systemd/system/multi-user.target.wants/$unit ]] || return
		systemctl --root="$root" enable "$unit" || return
		[[ -L $root/etc/systemd/system/multi-user.target.wants/$unit ]] || return
	done
}

run_rpmlint() {
	local said packages

	mapfile -t packages < <(find "$dir/rpm" -name '*.rpm')
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
	(cd "$rpm" && rpm2cpio "$dir"/rpm/*-dkms-*.noarch.rpm | cpio -id --quiet) ||
		return
	diff -r "$deb/usr/src/hisi-acc-vfio-pci-$version" \
		"$rpm/usr/src/hisi-acc-vfio-pci-$version" || return
	"$HACC_TOP/scripts/module.sh" 6.12 "$deb/usr/src/hisi-acc-vfio-pci-$version" \
		"$dir/module" || return
	[[ $(modinfo -F version "$dir/module/hisi-acc-vfio-pci.ko") == "$version" ]]
}

# by_hand TARGET [ARGUMENT...]: as somebody does who has a checkout
by_hand() {
	make -C "$dir/checkout" KDIR="$("$HACC_TOP/scripts/kernel.sh" 6.12)" ARCH=arm64 \
		CROSS_COMPILE="$HACC_CROSS" INSTALL_MOD_PATH="$dir/root" "$@"
}

# A tree that may or may not be a checkout becomes one.
commit_is_named() {
	local said

	mkdir "$dir/checkout" && tar -xf "$dir/first/hisi-acc-vfio-pci-$version.tar.gz" \
		-C "$dir/checkout" --strip-components=1 &&
		git -C "$dir/checkout" init -q && git -C "$dir/checkout" add . &&
		git -C "$dir/checkout" -c user.name=check -c user.email=check@localhost \
			commit -qm check && by_hand || return
	said=$(modinfo -F version "$dir/checkout/hisi-acc-vfio-pci.ko")
	echo "$said"
	[[ $said == "$version+g$(git -C "$dir/checkout" rev-parse --short=12 HEAD)"* ]]
}

uninstalls() {
	local found

	by_hand install || return
	found=$(cd "$dir/root" && find . -name 'hisi-acc-vfio-pci.ko*')
	echo "$found"
	[[ $found == ./lib/modules/*/updates/hisi-acc-vfio-pci.ko ]] && by_hand uninstall &&
		[[ -z $(find "$dir/root" -name 'hisi-acc-vfio-pci.ko*') ]] &&
		! grep -q hisi-acc-vfio-pci "$dir/root"/lib/modules/*/modules.dep
}

# As far as the compiler's choice: a tree that says what it was asked for.
clang_is_taken() {
	local kdir=$dir/clang

	# shellcheck disable=SC2016 # make expands it
	mkdir "$kdir" && echo CONFIG_CC_IS_CLANG=y >"$kdir/.config" &&
		printf 'modules:\n\t@echo "LLVM is $(LLVM)"\n' >"$kdir/Makefile" &&
		make -C "$dir/checkout" KDIR="$kdir" | grep -x 'LLVM is 1' &&
		: >"$kdir/.config" && make -C "$dir/checkout" KDIR="$kdir" | grep -x 'LLVM is '
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
	tap_result "the RPM's script skips what it has to, and is loud where it fails" rpm_post
	tap_result "both have the same module, which compiles and names its version" same_module
	tap_result "the packages carry the pages that README names" docs_are_there
	tap_result "systemctl enable takes the unit of both packages" unit_is_enabled
	tap_result "a module from a checkout names the commit" commit_is_named
	tap_result "make uninstall removes what make install has brought" uninstalls
	tap_result "for a kernel that clang has built, clang is taken" clang_is_taken
	echo "1..$tap_number"
}

"$HACC_TOP/scripts/packages.sh" debhelper dh-dkms fakeroot lintian rpm rpmlint systemd libjansson-dev
tap_run "$dir" "" check
