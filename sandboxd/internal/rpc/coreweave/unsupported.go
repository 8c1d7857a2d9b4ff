package coreweave

import (
	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
)

// Where the fields of a CreateSandboxRequest stand in it.
const (
	specField      = "sandbox.spec"
	containerField = specField + ".containers[0]"
)

// refuseUnsupported adds a violation for every field that is set and can't be honoured. Accepted without effect are only
// fields that say where a sandbox is placed (there is one place) and what it is called (annotations are echoed).
func refuseUnsupported(sb *sandboxv1.Sandbox, v *violations) {
	control := sb.GetControl()
	v.refuse(control != sandboxv1.Control_CONTROL_UNSPECIFIED && control != sandboxv1.Control_CONTROL_PLATFORM,
		"sandbox.control", "Casemate controls the containers itself; leave it unset")

	spec := sb.GetSpec()
	v.refuse(len(spec.GetVolumes()) > 0, specField+".volumes", "Casemate has no volumes")
	v.refuse(len(spec.GetNetworkIds()) > 0, specField+".network_ids", "Casemate has no networks to join")
	v.refuse(spec.GetObjectStorageAccess() != nil, specField+".object_storage_access", "Casemate has no object storage")
	v.refuse(spec.GetInstanceType() != "", specField+".instance_type", "Casemate has no instance types")
	v.refuse(spec.GetNetworkConfigId() != "", specField+".network_config_id", "Casemate has no network configurations")
	v.refuse(spec.GetRuntimeClassSelection() != sandboxv1.RuntimeClass_RUNTIME_CLASS_UNSPECIFIED,
		specField+".runtime_class_selection", "Casemate has no runtime classes of this kind; name a runtime in runtime_class")

	if len(spec.GetContainers()) != 1 {
		v.add(specField+".containers", "has %d containers, Casemate runs exactly one", len(spec.GetContainers()))
		return
	}
	c := spec.GetContainers()[0]
	v.refuse(len(c.GetVolumeMounts()) > 0, containerField+".volume_mounts", "Casemate has no volumes")
	v.refuse(c.GetImagePullCredentials() != nil, containerField+".image_pull_credentials",
		"credentials for image registries are the operator's to configure")
	v.refuse(c.GetStartupProbe() != nil, containerField+".startup_probe", "Casemate does not probe containers")
	refuseSecurityContext(c.GetSecurityContext(), v)
}
