// Command gateway runs what Envoy Gateway does with the files in envoy/, by its own code, so that a test can put a real
// Envoy behind it. It is built and driven by the tests in mesh_*.
//
//	gateway serve ...     translates manifests and serves what comes of them
//	gateway fetch ...     gets an image
//
// Its module's path lies below Envoy Gateway's, whose translator is internal.
package main

import (
	"fmt"
	"os"

	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
)

var commands = map[string]func(arguments []string) error{
	"fetch": fetch,
	"serve": serveGateway,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: gateway fetch|serve ...")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		images.Fatal("error:", err)
	}
}
