#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms-check.sh: install, update and remove the module by DKMS as an operator
# does, in a Debian of its own for arm64: by the Debian package and by hand, on
# kernels with the accelerators' drivers and on Debian's own, which lacks them.
# And what must not be done is not done by the DKMS of Debian 12 either.
# The last line says "N passed, N failed".
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"
. "$(dirname "$0")/tap.sh"

name=hisi-acc-vfio-pci
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$HACC_TOP/dkms.conf")
older=0.0.9
dir=$HACC_CACHE/run/dkms
tree=$dir/tree
rm -rf "$dir"
mkdir -p "$dir"

# What kernels that are skipped are called, for which nothing but a configuration is there.
ancient=5.10.0-ancient

# in_tree COMMAND...: in the tree; mounts go with it
in_tree() {
	# shellcheck disable=SC2016 # it is the inner shell's
	unshare --mount bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' \
		"$tree" env LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# install_kernel SERIES: its modules, and its headers the way the kernel's own
# packages have them; prints its release.
install_kernel() {
	local build source release headers make

	build=$("$HACC_TOP/scripts/kernel.sh" "$1") || return
	source=$("$HACC_TOP/scripts/sources.sh" "linux-$1") || return
	release=$(<"$build/include/config/kernel.release")
	headers=$tree/usr/src/linux-headers-$release
	make=(make -s -C "$source" O="$build" ARCH=arm64 CROSS_COMPILE="$HACC_CROSS")
	lock "kernel-$1"
	{
		"${make[@]}" INSTALL_MOD_PATH="$tree" DEPMOD=true modules_install &&
			"${make[@]}" run-command KBUILD_RUN_COMMAND="$source/scripts/package/install-extmod-build $headers" &&
			cp "$build/.config" "$headers" &&
			ln -sfn "/usr/src/linux-headers-$release" "$tree/lib/modules/$release/build" &&
			in_tree depmod "$release"
	} >>"$dir/kernels.log" 2>&1 || return
	echo "$release"
}

# install_debian_headers: those of Debian's own kernel; prints its release
install_debian_headers() {
	local package

	{
		mkdir -p "$dir/debian"
		cd "$dir/debian" && apt_configure && apt_update || return
		package=$(apt-cache depends linux-headers-arm64 |
			sed -n 's/^ *Depends: \(linux-headers-.*\)/\1/p')
		apt-get download "$package" && dpkg-deb -x "$package"_*.deb "$tree" || return
	} >>"$dir/kernels.log" 2>&1
	echo "${package#linux-headers-}"
}

# old_debian: the DKMS of Debian 12, beside the tree's own
old_debian() (
	APT_SUITES=(bookworm trixie)
	apt_fetch "$dir/debian-12" download dkms/bookworm &&
		dpkg-deb -x "$dir"/debian-12/dkms_*.deb "$tree/srv/debian-12"
)

prepare() {
	local debian

	debian=$("$HACC_TOP/scripts/debian-arm64.sh")
	cp -a --reflink=auto "$debian" "$tree"
	"$HACC_TOP/scripts/package.sh" deb-dkms "$dir/older" "$older" >/dev/null
	"$HACC_TOP/scripts/package.sh" deb-dkms "$dir/newer" >/dev/null
	"$HACC_TOP/scripts/package.sh" dist "$dir/newer" >/dev/null
	old_debian >>"$dir/kernels.log" 2>&1 ||
		die "Debian 12's DKMS can't be had; see $dir/kernels.log"
	mkdir -p "$tree/lib/modules/$ancient/build/include"
	printf '%s=m\n' CONFIG_VFIO_PCI_CORE CONFIG_CRYPTO_DEV_HISI_QM \
		>"$tree/lib/modules/$ancient/build/.config"
	cp "$dir"/{older,newer}/*.deb "$dir/newer/$name-$version.tar.gz" "$tree/srv"
}

# status RELEASE: what DKMS says of the module and this kernel
status() {
	in_tree dkms status -k "$1"
}

# module_of RELEASE: the file that modprobe takes
module_of() {
	in_tree modinfo -k "$1" -n hisi_acc_vfio_pci &&
		in_tree modprobe -S "$1" --show-depends hisi_acc_vfio_pci |
			sed -n 's/^insmod \([^ ]*hisi-acc-vfio-pci[^ ]*\).*/\1/p'
}

ours_is_taken() {
	local taken

	taken=$(module_of "$1" | sort -u)
	echo "$taken"
	[[ $taken == "/lib/modules/$1/updates/dkms/$name.ko" ]]
}

intree_is_taken() {
	local taken

	taken=$(module_of "$1" | sort -u)
	echo "$taken"
	[[ $taken == "/lib/modules/$1/kernel/drivers/vfio/pci/hisilicon/$name.ko" ]]
}

is_installed() {
	status "$1"
	status "$1" | grep -q "^$name/$2, $1, aarch64: installed"
}

# A module that is only added is listed for every kernel.
is_absent() {
	! status "$1" | grep -E 'built|installed'
}

package_installs() {
	in_tree dpkg -i "/srv/$name-dkms_$older-1_all.deb" >"$dir/install.log" 2>&1 || {
		cat "$dir/install.log"
		return 1
	}
	is_installed "$kernel" "$older"
}

others_are_skipped() {
	grep "$debian" "$dir/install.log" || true
	is_absent "$debian" &&
		grep -q "of no use to kernel $debian, .* without CONFIG_CRYPTO_DEV_HISI_QM" "$dir/install.log"
}

# DKMS takes the in-tree module away. A repair of the kernel's package brings it
# back: both are there.
ours_wins() {
	local intree=$tree/lib/modules/$kernel/kernel/drivers/vfio/pci/hisilicon/$name.ko

	ours_is_taken "$kernel" || return
	cp "$("$HACC_TOP/scripts/kernel.sh" 6.12)/drivers/vfio/pci/hisilicon/$name.ko" "$intree" &&
		in_tree depmod "$kernel" && ours_is_taken "$kernel"
	local ret=$?
	rm "$intree" && in_tree depmod "$kernel"
	return "$ret"
}

package_updates() {
	in_tree dpkg -i "/srv/$name-dkms_$version-1_all.deb" || return
	is_installed "$kernel" "$version" && ours_is_taken "$kernel" &&
		! in_tree dkms status | grep -F "$older"
}

kernel_updates() {
	install_kernel 7.3 && intree_is_taken "$next" || return
	in_tree run-parts --arg="$next" /etc/kernel/postinst.d || return
	is_installed "$next" "$version" && ours_is_taken "$next" &&
		is_installed "$kernel" "$version"
}

# DKMS leaves the lists of a kernel that goes as they are: ask for the files.
kernel_goes() {
	local modules=$tree/lib/modules/$next

	in_tree run-parts --arg="$next" /etc/kernel/prerm.d || return
	find "$modules" -name "$name.ko"
	is_absent "$next" && [[ ! -e $modules/updates/dkms/$name.ko &&
		-e $modules/kernel/drivers/vfio/pci/hisilicon/$name.ko ]] &&
		is_installed "$kernel" "$version"
}

package_goes() {
	in_tree dpkg -r "$name-dkms" || return
	[[ -z $(in_tree dkms status) ]] && intree_is_taken "$kernel" &&
		[[ -z $(find "$tree/lib/modules" -path '*updates*' -name '*.ko*') ]]
}

by_hand() {
	in_tree tar -xf "/srv/$name-$version.tar.gz" -C /srv &&
		in_tree dkms add "/srv/$name-$version" &&
		in_tree dkms build "$name/$version" -k "$kernel" &&
		in_tree dkms install "$name/$version" -k "$kernel" &&
		is_installed "$kernel" "$version" && ours_is_taken "$kernel"
}

by_hand_gone() {
	in_tree dkms remove "$name/$version" --all &&
		[[ -z $(in_tree dkms status) ]] && intree_is_taken "$kernel"
}

# skips RELEASE REASON DKMS: what a new kernel's installation calls has no error
skips() {
	local said

	said=$(in_tree "$3" autoinstall -k "$1" 2>&1) || {
		echo "$said"
		return 1
	}
	echo "$said"
	is_absent "$1" && grep -q "of no use to kernel $1, which $2" <<<"$said" &&
		[[ -z $(find "$tree/lib/modules/$1/" -path '*updates*') ]]
}

old_dkms() {
	local dkms=/srv/debian-12/usr/sbin/dkms

	in_tree "$dkms" --version
	in_tree "$dkms" add "/srv/$name-$version" &&
		skips "$debian" "was built without CONFIG_CRYPTO_DEV_HISI_QM" "$dkms" &&
		skips "$ancient" "is older than 6.1" "$dkms" &&
		in_tree "$dkms" autoinstall -k "$kernel" &&
		is_installed "$kernel" "$version" && ours_is_taken "$kernel" &&
		skips "$debian" "was built without CONFIG_CRYPTO_DEV_HISI_QM" "$dkms" &&
		in_tree "$dkms" remove "$name/$version" --all
}

check() {
	tap_number=0
	tap_result "the package builds the module for a kernel with the PF drivers" package_installs
	tap_result "Debian's own kernel, without them, is skipped, and the reason said" others_are_skipped
	tap_result "a kernel older than 6.1 is skipped, and the reason said" \
		skips "$ancient" "is older than 6.1" dkms
	tap_result "modprobe takes ours even where the in-tree module is" ours_wins
	tap_result "a newer package replaces the module" package_updates
	tap_result "a kernel that comes gets the module" kernel_updates
	tap_result "a kernel that goes takes its module along" kernel_goes
	tap_result "removing the package gives the in-tree driver back" package_goes
	tap_result "by hand: add, build, install" by_hand
	tap_result "by hand: remove gives the in-tree driver back" by_hand_gone
	tap_result "the DKMS of Debian 12 skips and builds likewise" old_dkms
	echo "1..$tap_number"
}

prepare
kernel=$(install_kernel 6.12)
debian=$(install_debian_headers)
next=$(<"$("$HACC_TOP/scripts/kernel.sh" 7.3)/include/config/kernel.release")
say "kernels: $kernel, then $next; Debian's own is $debian"
tap_run "$dir" "" check
rm -rf "$tree"
