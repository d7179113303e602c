# SPDX-License-Identifier: GPL-2.0-only
# Looks at the kernel's headers for what its version number does not tell: stable
# trees backport. $(call compat-probe,linux/HEADER,PATTERN,MACRO) adds -DMACRO if found.

compat-probe = $(if $(shell grep -q '$(2)' $(srctree)/include/$(1) && echo y),-D$(3))

compat-flags := \
	$(call compat-probe,linux/vfio.h,bind_iommufd,HAVE_VFIO_BIND_IOMMUFD) \
	$(call compat-probe,linux/vfio.h,detach_ioas,HAVE_VFIO_DETACH_IOAS) \
	$(call compat-probe,linux/vfio.h,get_region_info_caps,HAVE_VFIO_GET_REGION_INFO_CAPS) \
	$(call compat-probe,linux/vfio.h,debug_root,HAVE_VFIO_DEBUG_ROOT) \
	$(call compat-probe,linux/hisi_acc_qm.h,QM_MIG_REGION_SEL,HAVE_QM_MIG_REGION_SEL) \
	$(call compat-probe,linux/vfio_pci_core.h,match_token_uuid,HAVE_VFIO_MATCH_TOKEN_UUID) \
	$(call compat-probe,trace/stages/stage6_event_callback.h,__assign_str(dst$(comma) src),HAVE_ASSIGN_STR_SRC)
