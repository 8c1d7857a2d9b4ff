// Package serviceconfig is the gRPC service config of Casemate's APIs: which calls a client may make again by itself, and
// when. The file beside it, service_config.json, is what is published; every gRPC implementation reads it.
//
// A call that ends with UNAVAILABLE is made again up to four times, after about 0.5, 1, 2 and 3 seconds (each a fifth more
// or less): 5.2 seconds in all at least, so that a daemon's restart of some 2 seconds is ridden out, also by a client
// that itself waits 1 and 1.6 seconds between its tries to connect, which is gRPC's default. Only calls that may be
// repeated are in it. RunSandbox is one because of its request_id: whoever uses the file must send one.
package serviceconfig

import _ "embed" // for the file

// JSON is the service config, as grpc.WithDefaultServiceConfig takes it.
//
//go:embed service_config.json
var JSON string
