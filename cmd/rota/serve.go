package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"rota/calendar"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// serving is what the parts of rota serve share.
type serving struct {
	store *sqlite.Store
	log   *slog.Logger
	// now is the clock.
	now     func() time.Time
	metrics *prometheus.Registry
	// ready asks all parts whether they can work.
	ready func() error
}

// service is one part of rota serve. run works until ctx ends and then gives nil; an error ends the whole process.
// routes adds what it answers, and ready says why it cannot work just now; both may be nil.
type service struct {
	name   string
	run    func(ctx context.Context) error
	routes func(mux *http.ServeMux)
	ready  func() error
}

// services lists the parts of rota serve. Each is begun before the first request is answered and stopped after the last.
func (a *app) services(ctx context.Context, o serveOptions, x serving) ([]service, error) {
	feeds, err := a.feedService(ctx, o, x)
	if err != nil {
		return nil, err
	}
	told, ok, err := a.notifyService(ctx, x)
	if err != nil || !ok {
		return []service{feeds}, err
	}
	return []service{feeds, told}, nil
}

type serveOptions struct {
	listen  string
	log     string
	proxied bool
	grace   time.Duration
	poll    time.Duration
	flush   time.Duration
}

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{Use: "serve", Short: "Serve calendar feeds and send what is due until interrupted",
		Long: `Serve the calendar feeds of every team under the addresses that rota calendar link has made, until interrupted. Beside
them are /healthz, which says that the process lives, /readyz, which says that it can serve, and /metrics for Prometheus.

It listens on this machine alone and speaks plain HTTP: put a web server with TLS in front of it and give --behind-proxy, so
that limits count the right addresses. Addresses of feeds are secret: log lines have none. A roster that is published, a link
that is made or revoked, and any other change of the database is served a second later.

Where a Slack token is set, as for rota notify run, what is due is sent too, buttons and /rota are taken through Socket Mode,
and with a signing secret through signed requests at /slack.`,
		Example: `  rota serve
  rota serve --listen 127.0.0.1:0 --log json`}
	var o serveOptions
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8470", "address and port to listen on; port 0 chooses a free one")
	f.StringVar(&o.log, "log", "text", "lines on standard error: text, json or none")
	f.BoolVar(&o.proxied, "behind-proxy", false, "take addresses of clients from X-Forwarded-For; only where nobody but your proxy can connect")
	f.DurationVar(&o.grace, "grace", 20*time.Second, "how long requests in progress may take after an interrupt")
	f.DurationVar(&o.poll, "poll", time.Second, "how often the database is asked for changes")
	f.DurationVar(&o.flush, "flush", 30*time.Second, "how often is written down who read which version")
	_ = c.RegisterFlagCompletionFunc("log", fixed("text", "json", "none"))
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		log, err := a.serveLog(o.log)
		if err != nil {
			return err
		}
		for name, d := range map[string]time.Duration{"grace": o.grace, "poll": o.poll, "flush": o.flush} {
			if d <= 0 {
				return usagef("bad --%s %s: use a length of time above 0, such as 1s", name, d)
			}
		}
		return a.withStore(cmd.Context(), func(s *sqlite.Store) error { return a.serve(cmd.Context(), s, o, log) })
	}
	return c
}

// serveLog is where the lines of a server go.
func (a *app) serveLog(form string) (*slog.Logger, error) {
	switch form {
	case "text":
		return slog.New(slog.NewTextHandler(a.err, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(a.err, nil)), nil
	case "none":
		return slog.New(slog.DiscardHandler), nil
	}
	near, _ := schedule.Nearest(form, []string{"text", "json", "none"})
	return nil, usage(&schedule.UnknownError{Noun: "form of log", Word: form, Nearest: near, Valid: []string{"text", "json", "none"}})
}

// serve answers until ctx ends. Services stop last, so that what the last requests left is still written.
func (a *app) serve(ctx context.Context, s *sqlite.Store, o serveOptions, log *slog.Logger) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	// The present of the run goes on from where it began, so that ROTA_NOW moves servers too.
	now := func() time.Time { return a.now.Add(a.clock().Sub(a.started)) }
	var parts []service
	ready := func() error {
		for _, p := range parts {
			if p.ready == nil {
				continue
			}
			if err := p.ready(); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		return nil
	}
	parts, err := a.services(ctx, o, serving{store: s, log: log, now: now, metrics: registry, ready: ready})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for _, p := range parts {
		if p.routes != nil {
			p.routes(mux)
		}
	}
	var how net.ListenConfig
	listener, err := how.Listen(ctx, "tcp", o.listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return hint(fmt.Errorf("something else listens on %s already", o.listen), "choose another port with --listen, or see whether rota serve runs twice")
	case err != nil:
		return hint(fmt.Errorf("cannot listen on %s: %w", o.listen, err), "write it as 127.0.0.1:8470")
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		log.Warn("others than this machine can connect, and without TLS their addresses of feeds can be read on the way", "listen", o.listen)
	}

	requests, stopRequests := context.WithCancelCause(ctx)
	defer stopRequests(nil)
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var running sync.WaitGroup
	for _, p := range parts {
		if p.run == nil {
			continue
		}
		running.Go(func() {
			if err := p.run(work); err != nil && work.Err() == nil {
				log.Error("a part of the server ended", "part", p.name, "error", err)
				stopRequests(fmt.Errorf("%s: %w", p.name, err))
			}
		})
	}
	a.say("Serving on http://%s", listener.Addr())
	server := calendar.NewServer(a.logged(mux, log), log)
	err = calendar.Serve(requests, server, listener, o.grace)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("some requests were cut off", "grace", o.grace)
		err = nil
	}
	stopWork()
	running.Wait()
	if cause := context.Cause(requests); ctx.Err() == nil && cause != nil {
		return errors.Join(cause, err)
	}
	log.Info("stopped")
	return err
}

// logged writes a line for every request but those with which machines ask after the server's health.
func (a *app) logged(next http.Handler, log *slog.Logger) http.Handler {
	with := calendar.AccessLog(next, log)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz", "/readyz", "/metrics":
			next.ServeHTTP(w, r)
		default:
			with.ServeHTTP(w, r)
		}
	})
}

// feedService is the calendar feeds, with what machines ask after the health of the whole.
func (a *app) feedService(ctx context.Context, o serveOptions, x serving) (service, error) {
	h := calendar.NewHandler(feedSource{store: x.store, now: x.now}, calendar.Options{
		Now: x.now, Poll: o.poll, Flush: o.flush, BehindProxy: o.proxied, Metrics: x.metrics, Log: x.log,
	})
	return service{
		name:   "feeds",
		run:    h.Run,
		routes: func(mux *http.ServeMux) { h.Register(mux, x.metrics, x.ready) },
	}, h.Poll(ctx)
}
