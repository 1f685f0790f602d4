// Checks GitHub's workflows, as actionlint does: `workflows FOLDER`.
package main

import (
	"fmt"
	"os"

	"github.com/rhysd/actionlint"
)

func main() {
	linter, err := actionlint.NewLinter(os.Stdout, &actionlint.LinterOptions{})
	if err != nil {
		fail(err)
	}
	faults, err := linter.LintDir(os.Args[1], nil)
	if err != nil {
		fail(err)
	}
	if len(faults) > 0 {
		fail(fmt.Errorf("%d faults", len(faults)))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
