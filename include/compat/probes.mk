# SPDX-License-Identifier: GPL-2.0-only
# Looks at the kernel's headers for what its version number does not tell: stable
# trees backport. $(call compat-probe,HEADER,PATTERN,MACRO) adds -DMACRO if found.

compat-probe = $(if $(shell grep -q '$(2)' $(srctree)/include/linux/$(1) && echo y),-D$(3))

compat-flags := \
	$(call compat-probe,vfio.h,bind_iommufd,HAVE_VFIO_BIND_IOMMUFD) \
	$(call compat-probe,vfio.h,detach_ioas,HAVE_VFIO_DETACH_IOAS) \
	$(call compat-probe,vfio.h,get_region_info_caps,HAVE_VFIO_GET_REGION_INFO_CAPS) \
	$(call compat-probe,vfio_pci_core.h,match_token_uuid,HAVE_VFIO_MATCH_TOKEN_UUID)
