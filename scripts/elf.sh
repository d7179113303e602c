# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs of an extracted tree of arm64 packages, with the libraries they need,
# as lines for gen_init_cpio. Sourced after lib.sh.

libdir=usr/lib/aarch64-linux-gnu

declare -A have

# elf_loader TREE: what loads them
elf_loader() {
	echo "file /usr/lib/ld-linux-aarch64.so.1 $(realpath "$1/usr/lib/ld-linux-aarch64.so.1") 755 0 0"
}

# elf_closure TREE FILE: the libraries that FILE needs, and theirs, one a line,
# each once
elf_closure() {
	local tree=$1 library

	while read -r library; do
		[[ -z ${have[$library]:-} ]] || continue
		have[$library]=yes
		if [[ ! -e $tree/$libdir/$library ]]; then
			# The loader itself lies elsewhere.
			[[ -e $tree/usr/lib/$library ]] ||
				die "$2 needs $library, which is not in $tree"
			continue
		fi
		echo "file /$libdir/$library $(realpath "$tree/$libdir/$library") 755 0 0"
		elf_closure "$tree" "$tree/$libdir/$library"
	done < <(readelf -d "$2" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
}

# elf_file TREE PATH: a program or plug-in of the tree, with its libraries
elf_file() {
	echo "file /$2 $(realpath "$1/$2") 755 0 0"
	elf_closure "$1" "$1/$2"
}
