# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/messages.md against the module's sources. Sourced.

# Each string that the module can log, or put into a line that it logs: formats
# of log calls, reasons why there is no migration, names of what is refused.
logged_strings() {
	perl -0777 -ne '
		s{/\*.*?\*/}{}gs;
		my $string = qr/((?:"(?:[^"\\]|\\.)*"\s*)+)/;
		my $call = qr/(?:mig_log_err|(?:dev|pci|pr|netdev|vfio)_(?:emerg|alert|crit|err|warn|notice|info|dbg)\w*)\s*\(/;
		sub say_it { my $s = shift; $s =~ s/"\s*"//g; $s =~ s/^"|"\s*$//g; $s =~ s/\\n$//; print "$s\n" if $s ne "%s"; }
		while (/$call[^;"]*?$string/g) { say_it($1) }
		while (/why_not\s*=\s*$string/g) { say_it($1) }
		while (/init_without_migration\s*\(\s*\w+,\s*$string/g) { say_it($1) }
		while (/refuse\s*\(\s*why,\s*[^,]+,\s*$string/g) { say_it($1) }
		while (/\{\s*\w+->regs \+ [^,]+,\s*$string\s*\}/g) { say_it($1) }
		while (/\bremark_\w+\[\]\s*=\s*\{\s*$string/g) { say_it($1) }
	' "$HACC_TOP"/*.c | sort -u
}

# What the first column of the tables explains.
# shellcheck disable=SC2016 # no expansion is meant
explained_strings() {
	sed -nE 's/^\| `([^`]*)` \|.*/\1/p' "$HACC_TOP/docs/messages.md" | sort -u
}

test_messages() {
	local missing surplus

	missing=$(comm -23 <(logged_strings) <(explained_strings))
	surplus=$(comm -13 <(logged_strings) <(explained_strings))
	[[ -z $missing ]] || echo "docs/messages.md does not explain: $missing"
	[[ -z $surplus ]] || echo "the module never says: $surplus"
	# A pattern that finds nothing any more must not pass.
	if (($(logged_strings | wc -l) < 30)); then
		echo "only $(logged_strings | wc -l) strings found in the sources"
		return 1
	fi
	[[ -z $missing$surplus ]]
}

# The same by a simpler eye: what stands on one line with a call must be there.
test_messages_found() {
	local string bad=0

	while read -r string; do
		logged_strings | grep -qxF -- "$string" || {
			echo "not found: $string"
			bad=1
		}
	done < <(cat "$HACC_TOP"/*.c |
		grep -E '\b(mig_log_err|(dev|pci|pr)_(err|warn|notice|info|dbg)[a-z_]*)\(.*"' |
		sed -E 's/^[^"]*"//; s/(\\n)?"[^"]*$//' | grep -vx '%s')
	return "$bad"
}
