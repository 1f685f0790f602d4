package main

import (
	"context"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
	"github.com/envoyproxy/gateway/internal/logging"
	"github.com/envoyproxy/gateway/internal/wasm"
	"k8s.io/apimachinery/pkg/util/sets"
)

// fetch has Envoy Gateway's fetcher get the image of an OCI layout.
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
	server := wasm.NewHTTPServerWithFileCache(wasm.ServerOptions{}, wasm.CacheOptions{
		CacheDir:           folder,
		InsecureRegistries: sets.New("*"),
	}, gatewayNamespace, logging.DefaultLogger(io.Discard, egv1a1.LogLevelInfo))
	url, _, err := server.Get(image, &wasm.GetOptions{Checksum: digest, ResourceName: "test"})
	if err != nil {
		return "", err
	}
	return served(server, url, folder)
}

// served is what Envoy would get from Envoy Gateway, as a file.
func served(server http.Handler, url, folder string) (string, error) {
	listener, err := images.Loopback()
	if err != nil {
		return "", err
	}
	defer listener.Close()
	go func() { _ = http.Serve(listener, server) }()
	path := url[strings.LastIndex(url, "/"):]
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+listener.Addr().String()+path, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	file, err := os.CreateTemp(folder, "served")
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = io.Copy(file, answer.Body)
	return file.Name(), err
}
