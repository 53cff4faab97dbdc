package calendar

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what Handler counts. No label holds a token, a link, an agent or an address.
type metrics struct {
	requests *prometheus.CounterVec
	byStatus [600]prometheus.Counter // requests by status, looked up once
	seconds  prometheus.Histogram
	sent     prometheus.Counter
	loads    prometheus.Counter
	builds   prometheus.Counter
	failures prometheus.Counter
	recorded prometheus.Counter
	links    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rota_feed_requests_total", Help: "Requests for calendar feeds, by status.",
		}, []string{"status"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rota_feed_request_seconds", Help: "Time to answer a request for a calendar feed.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5},
		}),
		sent:     prometheus.NewCounter(prometheus.CounterOpts{Name: "rota_feed_sent_bytes_total", Help: "Bytes of calendar feeds sent."}),
		loads:    prometheus.NewCounter(prometheus.CounterOpts{Name: "rota_feed_loads_total", Help: "Times a team was loaded from the store for its feeds."}),
		builds:   prometheus.NewCounter(prometheus.CounterOpts{Name: "rota_feed_builds_total", Help: "Feeds made anew."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "rota_feed_store_failures_total", Help: "Failed calls of the store by the feeds."}),
		recorded: prometheus.NewCounter(prometheus.CounterOpts{Name: "rota_feed_fetches_recorded_total", Help: "Last fetches of links written to the store."}),
		links:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "rota_feed_links", Help: "Feed links that work."}),
	}
	for _, status := range []int{200, 206, 304, 404, 405, 412, 416, 429, 503} {
		m.byStatus[status] = m.requests.WithLabelValues(strconv.Itoa(status))
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.seconds, m.sent, m.loads, m.builds, m.failures, m.recorded, m.links)
	}
	return m
}

func (m *metrics) request(status int) {
	if status > 0 && status < len(m.byStatus) && m.byStatus[status] != nil {
		m.byStatus[status].Inc()
		return
	}
	m.requests.WithLabelValues(strconv.Itoa(status)).Inc()
}
