package calendar

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Register puts the feeds under /feeds/ of a mux, beside /healthz, which says that the process lives, /readyz, which
// says that it can serve, and /metrics. Further checks decide about readiness too. metrics may be nil for no /metrics.
func (h *Handler) Register(mux *http.ServeMux, metrics prometheus.Gatherer, checks ...func() error) {
	mux.Handle(feedPrefix, h)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { sayHealth(w, nil) })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		err := h.Ready()
		for _, check := range checks {
			if err == nil {
				err = check()
			}
		}
		sayHealth(w, err)
	})
	if metrics != nil {
		mux.Handle("/metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	}
}

func sayHealth(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(err.Error() + "\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// NewServer is an HTTP server for the handler that no slow or greedy client can hold: 5 s for the head of a request and
// 10 s for all of it, 60 s for the answer, 2 minutes of idling, heads of 16 KiB. What the server itself has to say goes
// to log, nil for nowhere.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		// The server allows 4 KiB more than this.
		MaxHeaderBytes: 12 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// Serve serves until ctx ends, then lets requests in progress finish for the grace before it cuts them off. It gives nil
// after an orderly end.
func Serve(ctx context.Context, server *http.Server, listener net.Listener, grace time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(last)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if serveErr := <-done; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// tokenLike is what a token looks like to whoever mistypes what is around it.
var tokenLike = regexp.MustCompile(`(?i)[a-z2-7]{32,}`)

// Redact is a path fit for logs: the secret part of a feed's address is replaced, wherever it stands.
func Redact(path string) string {
	if i := strings.Index(path, feedPrefix); i >= 0 {
		path = path[:i] + feedPrefix + "[secret]"
	}
	return tokenLike.ReplaceAllLiteralString(cleanLine(path), "[secret]")
}

// AccessLog logs every request that next answers, without secrets: of an address neither tokens nor queries, and no
// headers but the program's name.
func AccessLog(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		log.Info("request", "method", cleanLine(r.Method), "path", Redact(r.URL.Path), "status", rec.status, "bytes", rec.written,
			"took", time.Since(began).Round(time.Microsecond), "from", r.RemoteAddr, "agent", clean(r.UserAgent(), ' ', maxAgent))
	})
}
