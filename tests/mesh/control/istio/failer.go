package main

import (
	"fmt"
	"os"

	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
)

// failer is what Istio's code for tests takes for a test: here a failure is the end of the program, and what is to be
// cleaned up goes with it.
type failer struct {
	folder string
}

func (f *failer) Fail()                      { f.Fatal("failed") }
func (f *failer) FailNow()                   { f.Fatal("failed") }
func (f *failer) Log(words ...any)           { fmt.Fprintln(os.Stderr, words...) }
func (f *failer) Logf(form string, w ...any) { fmt.Fprintf(os.Stderr, form+"\n", w...) }
func (f *failer) TempDir() string            { return f.folder }
func (f *failer) Helper()                    {}
func (f *failer) Cleanup(func())             {}
func (f *failer) Skip(words ...any)          { f.Fatal(words...) }

func (f *failer) Fatalf(form string, w ...any) { f.Fatal(fmt.Sprintf(form, w...)) }

func (f *failer) Fatal(words ...any) { images.Fatal(words...) }
