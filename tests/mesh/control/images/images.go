// Package images has what both programs need: a registry on loopback with the image of an OCI layout, and how a program
// says where it serves.
package images

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// What stands in the manifests for a registry of the user's own.
const placeholder = "registry.example.com"

var placeholderImage = regexp.MustCompile(regexp.QuoteMeta(placeholder) + `/[^\s"']+`)

// A Registry serves the image of an OCI layout.
type Registry struct {
	layout, address string
}

// Start starts one. Without a layout there is none, and manifests stay as they are.
func Start(layout string) (*Registry, error) {
	if layout == "" {
		return &Registry{}, nil
	}
	address, err := startRegistry()
	return &Registry{layout: layout, address: address}, err
}

// In serves the image under every name that the manifests have for it, and answers them with the registry's address.
func (r *Registry) In(manifests string) (string, error) {
	if r.address == "" {
		return manifests, nil
	}
	for _, image := range placeholderImage.FindAllString(manifests, -1) {
		if _, err := push(r.layout, strings.Replace(image, placeholder, r.address, 1)); err != nil {
			return "", err
		}
	}
	return strings.ReplaceAll(manifests, placeholder, r.address), nil
}

func startRegistry() (string, error) {
	listener, err := Loopback()
	if err != nil {
		return "", err
	}
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	go func() { Fatal(http.Serve(listener, handler)) }()
	return listener.Addr().String(), nil
}

// push puts the one image of a layout into a registry and answers its digest.
func push(folder, image string) (string, error) {
	index, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		return "", err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return "", err
	}
	if len(manifest.Manifests) != 1 {
		return "", fmt.Errorf("%d manifests in the layout instead of one", len(manifest.Manifests))
	}
	digest := manifest.Manifests[0].Digest
	found, err := index.Image(digest)
	if err != nil {
		return "", err
	}
	reference, err := name.ParseReference(image, name.Insecure)
	if err != nil {
		return "", err
	}
	return digest.Hex, remote.Write(reference, found)
}

// A Fetcher answers the file of the module in an image that must have this digest.
type Fetcher func(image, digest, folder string) (string, error)

// Fetch has a fetcher get the image of an OCI layout from a registry, by tag and by digest, and prints the SHA-256 of what
// it got each time.
func Fetch(get Fetcher, layout, folder string) error {
	address, err := startRegistry()
	if err != nil {
		return err
	}
	repository := address + "/etcd-json-gateway"
	digest, err := push(layout, repository+":test")
	if err != nil {
		return err
	}
	for _, image := range []string{repository + ":test", repository + "@sha256:" + digest} {
		into, err := os.MkdirTemp(folder, "modules")
		if err != nil {
			return err
		}
		file, err := get("oci://"+image, digest, into)
		if err != nil {
			return err
		}
		module, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		hash := sha256.Sum256(module)
		fmt.Println(hex.EncodeToString(hash[:]))
	}
	wrong := strings.Repeat("0", len(digest))
	if _, err := get("oci://"+repository+":test", wrong, folder); err == nil {
		return errors.New("it takes an image for one of another digest")
	}
	return nil
}

// Loopback is a listener on a port that the kernel chooses.
func Loopback() (net.Listener, error) {
	return net.Listen("tcp", "127.0.0.1:0")
}

// Announce writes a file that a reader finds whole or not at all.
func Announce(file string, addresses map[string]string) error {
	text, err := json.Marshal(addresses)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".part", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}

// Fatal ends the program.
func Fatal(words ...any) {
	fmt.Fprintln(os.Stderr, words...)
	os.Exit(1)
}
