# SPDX-License-Identifier: GPL-2.0-only
# Devices of the test machine: what "virt" selects, the accelerator, its oracle,
# a virtio console for the output of the tests, a wire between two machines.
CONFIG_ARM_VIRT=y
CONFIG_KUNPENG_ACC=y
CONFIG_KUNPENG_ORACLE=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_SERIAL=y
CONFIG_VIRTIO_NET=y
