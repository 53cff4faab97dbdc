// Command rota plans shifts for a team that never closes: it keeps the team in one SQLite file, builds rosters that are
// provably good, explains them, publishes them as calendars and says who is to be told what.
//
// The package is the only one that sees all others: it reads arguments, opens the store, hands values to pure packages
// and prints what they give. One file holds one command; app.go holds what they share, output.go everything about how
// output looks, exit.go every exit code. Nothing here decides what a rule means.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "time/tzdata" // so that zones are the same on every machine
)

func main() { os.Exit(realMain()) }

// realMain is main with an exit code, so that tests can run the command in their own process image.
func realMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second interrupt ends the process at once: the first only asks it to finish.
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], system{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, clock: time.Now,
	})
}
