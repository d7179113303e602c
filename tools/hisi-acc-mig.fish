# SPDX-License-Identifier: GPL-2.0-only
hisi-acc-mig completion fish | source
