#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tool.sh: build hisi-acc-mig, static and for arm64, for the emulated host.
# Prints the directory where it is, with tool-documented, which has each command
# that the documentation tells people to type.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A directory with a build from elsewhere, say for a try.
if [[ -n ${HACC_TOOL:-} ]]; then
	echo "$HACC_TOOL"
	exit 0
fi

jansson=$("$HACC_TOP/scripts/sources.sh" jansson)
headers=$("$HACC_TOP/scripts/headers.sh")
dir=$HACC_CACHE/tool
pages=("$HACC_TOP"/{README.md,docs/tool.md,docs/boot.md,tools/hisi-acc-mig.8})
inputs=("${pages[@]}" "$HACC_TOP"/tools "$HACC_TOP"/include "$HACC_TOP"/{mig_stream.c,dkms.conf})

lock tool
# The accelerator of the documentation is the first one of the emulated host.
documented() {
	sed -nE 's/^(    )?(hisi-acc-mig [a-z].*)/\2/p; s/^    (echo .*)/\1/p' "${pages[@]}" | sed 's/75:00/00:08/g'
}

# The library was built with a newer C library's name for a function that the
# machine's may not have.
compile() {
	make -C "$HACC_TOP/tools" O="$dir/build" CC="${HACC_CROSS}gcc" \
		LDFLAGS="-static -Wl,--defsym=__isoc23_strtoll=strtoll" \
		CPPFLAGS="-isystem $headers/include" CFLAGS="-O2 -g -Werror" \
		JANSSON_CFLAGS="-isystem $jansson/usr/include -isystem $jansson/usr/include/aarch64-linux-gnu" \
		JANSSON_LIBS="-L$jansson/usr/lib/aarch64-linux-gnu -ljansson -lm" &&
		mkdir -p "$dir/bin" && cp "$dir/build/hisi-acc-mig" "$dir/bin/" &&
		documented >"$dir/bin/tool-documented" && chmod +x "$dir/bin/tool-documented"
}

hash=$(inputs_hash "$0" "$jansson" "$headers" "${inputs[@]}" \
	"$("${HACC_CROSS}gcc" --version)")
if ! stamp_current "$dir/stamp" "$hash"; then
	rm -rf "${dir:?}"/{build,bin}
	run_step "tool: compiling hisi-acc-mig" "$dir/log" compile
	stamp_write "$dir/stamp" "$hash"
fi
echo "$dir/bin"
