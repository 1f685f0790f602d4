package main

import (
	"flag"
	"time"

	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
	"istio.io/istio/pkg/util/sets"
	"istio.io/istio/pkg/wasm"
)

// fetch has the agent's fetcher get the image of an OCI layout.
func fetch(arguments []string) error {
	flags := flag.NewFlagSet("fetch", flag.ContinueOnError)
	folder := flags.String("folder", "", "where modules are kept")
	layout := flags.String("layout", "", "the OCI layout")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	return images.Fetch(get, *layout, *folder)
}

func get(image, digest, folder string) (string, error) {
	cache := wasm.NewLocalFileCache(folder, wasm.Options{InsecureRegistries: sets.New("*")})
	defer cache.Cleanup()
	return cache.Get(image, wasm.GetOptions{Checksum: digest, ResourceName: "test", RequestTimeout: 30 * time.Second})
}
