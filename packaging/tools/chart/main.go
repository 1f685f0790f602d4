// Renders a chart as Helm does and checks what it makes: `chart FOLDER VALUES NAMESPACE`.
//
// Helm's own lint must find nothing. Every manifest of Kubernetes' own API must be one, without a field that it does not
// have; those of other APIs are printed like the rest, for who has their schemas.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder, valuesFile, namespace string) error {
	values, err := chartutil.ReadValuesFile(valuesFile)
	if err != nil {
		return err
	}
	if err := check(folder, values, namespace); err != nil {
		return err
	}
	chart, err := loader.Load(folder)
	if err != nil {
		return err
	}
	options := chartutil.ReleaseOptions{Name: "etcd", Namespace: namespace, IsInstall: true}
	all, err := chartutil.ToRenderValues(chart, values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		return err
	}
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	for name, text := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		for _, manifest := range releaseutil.SplitManifests(text) {
			_, _, err := strict.Decode([]byte(manifest), nil, nil)
			if err != nil && !runtime.IsNotRegisteredError(err) {
				return fmt.Errorf("%s: %w\n%s", name, err, manifest)
			}
			fmt.Printf("---\n%s\n", manifest)
		}
	}
	return nil
}

// check fails for what Helm's lint warns of.
func check(folder string, values chartutil.Values, namespace string) error {
	linter := lint.AllWithKubeVersion(folder, values, namespace, nil)
	var faults []error
	for _, message := range linter.Messages {
		if message.Severity > support.InfoSev {
			faults = append(faults, message)
		}
	}
	return errors.Join(faults...)
}
