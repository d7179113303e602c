#compdef hisi-acc-mig
# SPDX-License-Identifier: GPL-2.0-only
source <(hisi-acc-mig completion zsh)
_hisi_acc_mig "$@"
