package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	envoygateway "github.com/envoyproxy/gateway"
	"istio.io/istio/manifests"
	"istio.io/istio/pkg/config/crd"
)

// Where Istio's module keeps its CRDs.
const istioCRDs = "charts/base/files/crd-all.gen.yaml"

// check fails for the first file that an API server with both CRDs would refuse, CEL rules and unknown fields included.
func check(files []string) error {
	if len(files) == 0 {
		return errors.New("no files to check")
	}
	validator, err := newValidator()
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := validator.ValidateCustomResourceYAML(string(text), nil); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func newValidator() (*crd.Validator, error) {
	istio, err := manifests.FS.ReadFile(istioCRDs)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "mesh")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	var files []string
	for name, text := range map[string][]byte{"istio.yaml": istio, "gateway.yaml": envoygateway.GatewayCRDs} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return crd.NewValidatorFromFilesWithOptions(files, crd.WithoutCRDValidation())
}
