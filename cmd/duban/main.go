// Command duban reminds units of what they owe: see duban --help.
package main

import (
	"os"
	_ "time/tzdata" // a server may have no time zones of its own
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
