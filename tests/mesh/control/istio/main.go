// Command istio runs what Istio does with the files in envoy/, by its own code, so that a test can put a real Envoy behind
// it. It is built and driven by the tests in mesh_*.
//
//	istio check FILE...   checks manifests as an API server would, by the CRDs of Istio and Envoy Gateway
//	istio serve ...       the control plane, and what its agent does with images
//	istio fetch ...       gets an image
package main

import (
	"fmt"
	"os"

	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
)

var commands = map[string]func(arguments []string) error{
	"check": check,
	"fetch": fetch,
	"serve": serve,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: istio check|fetch|serve ...")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		images.Fatal("error:", err)
	}
}
