#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms-files.sh DIR: put into DIR what building the module takes, for DKMS. All
# else of the tree stays behind.
set -eu

dir=${1:?usage: dkms-files.sh DIR}
cd "$(dirname "$0")/.."
install -d "$dir/include/compat"
install -m 644 -t "$dir" ./*.c ./*.h Kbuild Makefile dkms.conf
install -m 644 -t "$dir/include" include/*.h
install -m 644 -t "$dir/include/compat" include/compat/*
