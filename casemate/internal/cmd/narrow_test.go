package cmd

import "testing"

func TestNetwork(t *testing.T) {
	startHost(t)
	const now = "internet --allow 203.0.113.0/24=tcp:80-443 (but for 203.0.113.8/32) --deny 203.0.113.9/32"
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, now},
		{[]string{"--deny", "203.0.113.64/26=udp"}, now + " --deny 203.0.113.64/26=udp"},
		{[]string{"--deny", "203.0.113.9"}, now},
		{[]string{"--allow", "203.0.113.7=tcp:443", "--no-dns"}, "internet --allow 203.0.113.7/32=tcp:443 --deny 203.0.113.9/32 --no-dns"},
		{[]string{"--connections", "100", "--bandwidth", "1536KiB"}, now + " --connections 100 --bandwidth 1536KiB"},
		{[]string{"--none"}, "none --deny 203.0.113.9/32"},
	} {
		got := commandLine(t, "", append([]string{"network", "sb-1"}, tc.args...)...)
		if got.code != 0 || got.stdout != tc.want+"\n" {
			t.Errorf("%v: %+v", tc.args, got)
		}
	}
	const web = now + " --publish 80/tcp=203.0.113.0/24 --publish 53/udp=203.0.113.0/24,2001:db8::/32"
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, web + "\n80/tcp at [2001:db8::1]:31000\n53/udp at [2001:db8::1]:31001"},
		{[]string{"--no-dns"}, web + " --no-dns\n80/tcp at [2001:db8::1]:31000\n53/udp at [2001:db8::1]:31001"},
		{[]string{"--publish", "80=203.0.113.7"}, now + " --publish 80/tcp=203.0.113.7/32\n80/tcp at [2001:db8::1]:31000"},
		{[]string{"--unpublish"}, now},
		{[]string{"--none"}, "none --deny 203.0.113.9/32"},
	} {
		got := commandLine(t, "", append([]string{"network", "sb-web"}, tc.args...)...)
		if got.code != 0 || got.stdout != tc.want+"\n" {
			t.Errorf("published, %v: %+v", tc.args, got)
		}
	}
	for _, args := range [][]string{{"network"}, {"network", "sb-1", "--unpublish", "--publish", "80"}, {"network", "sb-1", "--publish", "x"}, {"network", "sb-1", "--none", "--allow", "203.0.113.7"}, {"network", "sb-1", "--deny", "example.com"}, {"network", "sb-1", "--bandwidth", "fast"}} {
		if got := commandLine(t, "", args...); got.code != exitUsage {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := commandLine(t, "", "network", "other", "--none"); got.code != exitError {
		t.Errorf("an unknown sandbox: %+v", got)
	}
}
