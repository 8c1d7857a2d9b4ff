package coreweave

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func TestParseOfTheSeedsRequest(t *testing.T) {
	req := decode(t, wandbCreate, &sandboxv1.CreateSandboxRequest{})
	p, err := parse(req.GetSandbox())
	if err != nil {
		t.Fatal(err)
	}
	want := sandbox.Spec{
		Image:   "python:3.11",
		Command: []string{"/bin/sh", "-c", `trap "exit 0" TERM INT; sleep infinity & wait`},
		Secrets: []sandbox.SecretRef{
			{Secret: "HF_TOKEN", EnvVar: "HF_TOKEN"},
			{Secret: "OPENAI_API_KEY", EnvVar: "X"},
		},
		MaxLifetime: 12 * time.Hour,
	}
	if diff := cmp.Diff(want, p.spec); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
	places := []string{
		"sandbox.spec.containers[0].secret_stores[0].secrets[0]",
		"sandbox.spec.containers[0].secret_stores[0].secrets[1]",
	}
	if diff := cmp.Diff(places, p.places.secrets); diff != "" {
		t.Errorf("places of the secrets (-want +got):\n%s", diff)
	}
}

func TestParseOfEverythingServed(t *testing.T) {
	p, err := parse(&sandboxv1.Sandbox{Spec: &sandboxv1.SandboxSpec{
		Containers: []*sandboxv1.Container{{
			Image: "debian", Command: "sleep", Args: []string{"9"}, WorkingDir: "/srv",
			EnvironmentVariables: map[string]string{"A": "b"},
			Files:                []*sandboxv1.FileMount{{Path: "/etc/x", Content: []byte("y")}},
			ResourceRequirements: &sandboxv1.ResourceRequirements{
				Requests: &sandboxv1.Resources{Cpu: "500m", Memory: "256Mi"},
				Limits:   &sandboxv1.Resources{Memory: "1Gi"},
			},
			SecurityContext: &sandboxv1.SecurityContext{
				RunAsUser: proto.Uint32(1000), RunAsGroup: proto.Uint32(0), Privileged: proto.Bool(false), SeccompProfile: "RuntimeDefault",
				AllowPrivilegeEscalation: proto.Bool(false), ReadOnlyRootFilesystem: proto.Bool(true),
				CapabilitiesDrop: []string{"ALL"}, CapabilitiesAdd: []string{"CHOWN"},
			},
			SecretStores: []*sandboxv1.SecretStoreReference{
				{StoreName: "wandb", Secrets: []*sandboxv1.SecretMapping{{Path: "DB", Field: "password", EnvVar: "DB_PASSWORD"}}},
				{StoreName: "default", Secrets: []*sandboxv1.SecretMapping{{Path: "TOKEN"}}},
			},
			Primary: proto.Bool(true),
		}},
		Tags: []string{"t"}, RuntimeClass: "native", Mode: sandboxv1.SandboxMode_SANDBOX_MODE_CKS, RunnerIds: []string{"r"},
		Annotations: map[string]string{"k": "v"},
		Network: &sandboxv1.NetworkOptions{
			DenyEgress: proto.Bool(true), DenyIngress: proto.Bool(true), DnsEgress: sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_DENY,
		},
	}, Control: sandboxv1.Control_CONTROL_PLATFORM})
	if err != nil {
		t.Fatal(err)
	}
	want := parsed{
		spec: sandbox.Spec{
			Image: "debian", Command: []string{"sleep", "9"}, WorkingDir: "/srv", Environment: map[string]string{"A": "b"},
			User: "1000:0", Resources: sandbox.Resources{CPUMillis: 500, MemoryBytes: 1 << 30},
			Secrets: []sandbox.SecretRef{{Secret: "DB", Field: "password", EnvVar: "DB_PASSWORD"}, {Secret: "TOKEN"}},
			Tags:    []string{"t"}, Runtime: "native", Network: sandbox.Network{Mode: sandbox.NetworkNone, NoDNS: true},
			Security: sandbox.Security{ReadOnlyRoot: true, Drop: []string{"ALL"}, Add: []string{"CHOWN"}},
		},
		files: []sandbox.File{{Path: "/etc/x", Content: []byte("y")}},
		places: places{secrets: []string{
			"sandbox.spec.containers[0].secret_stores[0].secrets[0]", "sandbox.spec.containers[0].secret_stores[1].secrets[0]",
		}},
	}
	if diff := cmp.Diff(want, p, cmp.AllowUnexported(parsed{}, places{})); diff != "" {
		t.Errorf("parsed (-want +got):\n%s", diff)
	}
}

func TestParseRefusesAllAtOnce(t *testing.T) {
	_, err := parse(&sandboxv1.Sandbox{
		Control: sandboxv1.Control_CONTROL_CONTAINER_ENGINE,
		Spec: &sandboxv1.SandboxSpec{
			Containers: []*sandboxv1.Container{{
				Args:                 []string{"x"},
				VolumeMounts:         []*sandboxv1.VolumeMount{{}},
				ImagePullCredentials: &sandboxv1.ImagePullCredentials{},
				StartupProbe:         &sandboxv1.Probe{},
				Resources:            &sandboxv1.Resources{Cpu: "0", Memory: "lots", Gpu: &sandboxv1.Gpu{Count: 1}},
				ResourceRequirements: &sandboxv1.ResourceRequirements{Requests: &sandboxv1.Resources{Cpu: "-1", Gpu: &sandboxv1.Gpu{}}},
				SecretStores:         []*sandboxv1.SecretStoreReference{{StoreName: "vault"}, {}},
				SecurityContext: &sandboxv1.SecurityContext{
					RunAsGroup: proto.Uint32(1), Privileged: proto.Bool(true), AllowPrivilegeEscalation: proto.Bool(true),
					SeccompProfile: "Unconfined",
				},
			}},
			Volumes: []*sandboxv1.SandboxVolume{{}}, Services: []*sandboxv1.Service{
				{Protocol: sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_SCTP, Endpoint: &sandboxv1.EndpointSpec{Kind: sandboxv1.EndpointKind_ENDPOINT_KIND_HTTPS}},
			}, NetworkIds: []string{"n"},
			ObjectStorageAccess: &sandboxv1.ObjectStorageAccess{}, InstanceType: "i", NetworkConfigId: "c",
			RuntimeClassSelection: sandboxv1.RuntimeClass_RUNTIME_CLASS_GPU_DEFAULT,
			Network: &sandboxv1.NetworkOptions{
				Egress: []*sandboxv1.EgressRule{
					{}, {Destination: &sandboxv1.EgressRule_HttpsHostname{HttpsHostname: "example.org"}, HttpsHostnameExcept: []string{"x"}},
					{Destination: &sandboxv1.EgressRule_Tenant{}}, {Destination: &sandboxv1.EgressRule_Selector{}},
					{Destination: &sandboxv1.EgressRule_Cidr{}, Ports: []*sandboxv1.PortRange{{Port: 1 << 16}}},
				},
				Ingress: []*sandboxv1.IngressRule{
					{Source: &sandboxv1.IngressRule_Tenant{}, Ports: []*sandboxv1.PortRange{{}}},
					{Source: &sandboxv1.IngressRule_Cidr{Cidr: &sandboxv1.CidrBlock{Except: []string{"x"}}}},
				},
				DenyIngress: proto.Bool(true),
				DenyEgress:  proto.Bool(true), DnsEgress: sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_ALLOW,
			},
		},
	})
	e, ok := errdefs.As(err)
	if !ok || e.Kind != errdefs.InvalidArgument {
		t.Fatalf("error %v, want InvalidArgument", err)
	}
	got := make(map[string]bool)
	for _, v := range e.Violations {
		if got[v.Subject] || v.Description == "" {
			t.Errorf("violation %+v is a second one or says nothing", v)
		}
		got[v.Subject] = true
	}
	const spec, c = "sandbox.spec.", "sandbox.spec.containers[0]."
	want := []string{
		"sandbox.control", spec + "volumes", spec + "network_ids", spec + "object_storage_access",
		spec + "instance_type", spec + "network_config_id", spec + "runtime_class_selection",
		spec + "services", spec + "services[0].port", spec + "services[0].protocol", spec + "services[0].visibility", spec + "services[0].endpoint.kind",
		spec + "network.ingress[0]", spec + "network.ingress[0].tenant", spec + "network.ingress[0].ports[0]",
		spec + "network.ingress[1]", spec + "network.ingress[1].cidr.except", spec + "network.deny_ingress", spec + "network.deny_egress", spec + "network.dns_egress", spec + "network.egress[0]",
		spec + "network.egress[1].https_hostname", spec + "network.egress[1].https_hostname_except", spec + "network.egress[2].tenant",
		spec + "network.egress[3].selector", spec + "network.egress[4].ports[0]",
		c + "args", c + "volume_mounts", c + "image_pull_credentials", c + "startup_probe", c + "resources",
		c + "resources.cpu", c + "resources.memory", c + "resources.gpu",
		c + "resource_requirements.requests.cpu", c + "resource_requirements.requests.gpu",
		c + "secret_stores[0].store_name", c + "secret_stores[1].store_name",
		c + "security_context.run_as_group", c + "security_context.privileged",
		c + "security_context.allow_privilege_escalation", c + "security_context.seccomp_profile",
	}
	for _, field := range want {
		if !got[field] {
			t.Errorf("no violation for %s", field)
		}
		delete(got, field)
	}
	for field := range got {
		t.Errorf("a violation for %s that was not expected", field)
	}
}

func TestParseWantsOneContainer(t *testing.T) {
	for _, n := range []int{0, 2} {
		_, err := parse(&sandboxv1.Sandbox{Spec: &sandboxv1.SandboxSpec{Containers: make([]*sandboxv1.Container, n)}})
		var e *errdefs.Error
		if !errors.As(err, &e) || len(e.Violations) != 1 || e.Violations[0].Subject != "sandbox.spec.containers" {
			t.Errorf("%d containers: %v", n, err)
		}
	}
}

// TestEcho: what was sent comes back byte for byte, but for the files.
func TestEcho(t *testing.T) {
	sent := decode(t, wandbCreate, &sandboxv1.CreateSandboxRequest{}).GetSandbox()
	want := proto.CloneOf(sent.GetSpec())
	sent.Spec.Containers[0].Files = []*sandboxv1.FileMount{{Path: "/x", Content: []byte("content")}}

	data, err := encodeFrontData(sent)
	if err != nil {
		t.Fatal(err)
	}
	code := int32(3)
	shown, err := view(sandbox.Sandbox{
		ID: "sb-1", Front: Front, FrontData: data, State: sandbox.Completed, Reason: "exited", ExitCode: &code, Runtime: "native",
		CreateTime: time.Unix(1, 0), Spec: sandbox.Spec{MaxLifetime: time.Minute, Resources: sandbox.Resources{CPUMillis: 1500, MemoryBytes: 1 << 30}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, shown.GetSpec(), protocmp.Transform()); diff != "" {
		t.Errorf("echoed spec (-sent +echoed):\n%s", diff)
	}
	amounts := &sandboxv1.Resources{Cpu: "1500m", Memory: "1Gi"}
	status := &sandboxv1.SandboxStatus{
		State: sandboxv1.State_STATE_COMPLETED, StateReason: "exited", ExitCode: &code, CreateTime: timestamp(time.Unix(1, 0)),
		EffectiveMaxLifetimeSeconds: 60, EffectiveRuntimeClass: "native", EffectiveDnsEgress: sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_DENY,
		EffectiveResourceRequirements: &sandboxv1.ResourceRequirements{Requests: amounts, Limits: amounts},
		ContainerStatuses:             []*sandboxv1.ContainerStatus{{Name: "main", State: sandboxv1.State_STATE_COMPLETED, ExitCode: 3}},
	}
	if diff := cmp.Diff(status, shown.GetStatus(), protocmp.Transform()); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

// TestViewOfAnotherFrontsSandbox: the SDK builds its objects from the spec of these too, so it must say all there is.
func TestViewOfAnotherFrontsSandbox(t *testing.T) {
	spec := sandbox.Spec{
		Image: "debian", Command: []string{"sleep", "9"}, Environment: map[string]string{"A": "b"}, WorkingDir: "/srv",
		Tags: []string{"t"}, MaxLifetime: time.Hour, Runtime: "native", User: "1000:50",
		Security:  sandbox.Security{ReadOnlyRoot: true, Drop: []string{"NET_BIND_SERVICE"}, Add: []string{"NET_RAW"}},
		Resources: sandbox.Resources{CPUMillis: 250, MemoryBytes: 512<<20 + 1},
		Secrets:   []sandbox.SecretRef{{Secret: "DB", Field: "password", EnvVar: "DB_PASSWORD"}},
		Network: sandbox.Network{Mode: sandbox.NetworkInternet, NoDNS: true, Allow: []sandbox.Destination{
			{CIDR: "0.0.0.0/0", Except: []string{"198.51.100.0/24"}}, {CIDR: "203.0.113.0/24", Protocol: "udp", FirstPort: 5, LastPort: 9},
		}},
	}
	shown, err := view(sandbox.Sandbox{ID: "sb-1", Front: "native", State: sandbox.Running, Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	if name := containerName(shown); name != "main" {
		t.Errorf("the container is called %q", name)
	}
	again, err := parse(shown)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(spec, again.spec); diff != "" {
		t.Errorf("spec, shown and read again (-want +got):\n%s", diff)
	}
}

func TestStateIsNeverUnspecified(t *testing.T) {
	for _, s := range []sandbox.State{"", "NEW", sandbox.Creating, sandbox.Running, sandbox.Stopping, sandbox.Completed, sandbox.Failed} {
		if state(s) == sandboxv1.State_STATE_UNSPECIFIED {
			t.Errorf("state %q is shown as unspecified", s)
		}
	}
	for number, name := range sandboxv1.State_name {
		for _, core := range coreStates(sandboxv1.State(number)) {
			if state(core) != sandboxv1.State(number) {
				t.Errorf("a filter for %s lets %s through", name, core)
			}
		}
	}
}
