package daemon_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/health/grpc_health_v1"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// Both APIs are on both addresses, over one core, and are counted together.
func TestBothFrontsWithAndWithoutTLS(t *testing.T) {
	e := start(t, sandboxdtest.WithTLS())
	key, err := apikey.Parse(e.key)
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := client.Dial(client.Options{Address: e.TLSAddress(), CAFile: e.Secretsd.CAFile(), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer encrypted.Close()
	sb := e.run(spec())
	for _, conn := range []coreweavev1.SandboxServiceClient{
		coreweavev1.NewSandboxServiceClient(encrypted), coreweavev1.NewSandboxServiceClient(e.Conn(e.key)),
	} {
		got, err := conn.GetSandbox(t.Context(), &coreweavev1.GetSandboxRequest{SandboxId: idOf(sb)})
		if err != nil || got.GetSandboxId() != idOf(sb) {
			t.Errorf("by the SDK's API: %v, %v", got, err)
		}
	}
	got, err := sandboxv1.NewSandboxServiceClient(encrypted).GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: sb.GetName()})
	if err != nil || got.GetSandbox().GetName() != sb.GetName() {
		t.Errorf("with TLS: %v, %v", got, err)
	}
	health, err := grpc_health_v1.NewHealthClient(e.Conn("")).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "casemate.sandbox.v1.SandboxService"})
	if err != nil || health.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", health, err)
	}
	metrics := e.metrics()
	if !strings.Contains(metrics, `grpc_server_handled_total{grpc_code="OK",grpc_method="GetSandbox",grpc_service="coreweave.sandbox.v1.SandboxService",grpc_type="unary"} 2`) {
		t.Errorf("metrics:\n%s", metrics)
	}
}

// metrics is the page of /metrics.
func (e *env) metrics() string {
	e.t.Helper()
	resp, err := http.Get("http://" + e.AdminAddress() + "/metrics")
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(page)
}
