#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# silicon-replay.sh TRANSCRIPT [RUN...]: the tests (run "array", or those named) on an
# emulated accelerator that answers as the chip of the transcript did, and takes as long
# (docs/silicon.md). "-p TRANSCRIPT" only prints the properties, for HACC_SILICON.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

only_print=''
[[ ${1:-} != -p ]] || { only_print=yes && shift; }
transcript=${1:?usage: silicon-replay.sh [-p] TRANSCRIPT [RUN...]}
[[ -r $transcript ]] || die "$transcript can't be read"
shift

# Answers that are known; latencies by their medians, in us; a read in ns, which takes
# effect where instructions are counted ("make bench").
properties=$(awk '
	/^verdict: [a-z0-9-]+=[a-z0-9-]+ (certain|likely):/ { printf "%s ", $2 }
	/^time: mailbox [0-9]/ { printf "mbox-time-us=%d ", ($4 + 500) / 1000 }
	/^time: write-back [0-9]/ { printf "wb-time-us=%d ", ($4 + 500) / 1000 }
	/^time: read [0-9]/ { printf "read-ns=%d ", $4 }' "$transcript")
[[ -n $properties ]] || die "$transcript has no verdict: is it a transcript of hisi-acc-silicon?"
if [[ -n $only_print ]]; then
	echo "$properties"
	exit 0
fi
say "the accelerators answer: $properties"
HACC_SILICON=$properties exec "$HACC_TOP/scripts/check.sh" "${@:-array}"
