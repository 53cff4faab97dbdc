package slacktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"syscall"
	"time"
)

// Fault is a way to fail. Those called Stored, and SlowLate, take the message all the same.
type Fault int

const (
	NoFault Fault = iota
	// RateLimited is 429 with a Retry-After of 7 seconds, RateLimitedBare one without.
	RateLimited
	RateLimitedBare
	// ServerError is 503 and ServerErrorStored 502.
	ServerError
	ServerErrorStored
	// ResetBefore and ResetStored break the connection.
	ResetBefore
	ResetStored
	// NotOK is 200 with ok:false, FatalStored the same with a code that leaves the outcome open.
	NotOK
	FatalStored
	// HTML is 200 with a page in place of JSON.
	HTML
	HTMLStored
	// SlowBefore, SlowStored and SlowLate give no answer in time. SlowLate takes the message 40 seconds later.
	SlowBefore
	SlowStored
	SlowLate
)

// Faults lists every way to fail.
func Faults() []Fault {
	var list []Fault
	for f := RateLimited; f <= SlowLate; f++ {
		list = append(list, f)
	}
	return list
}

// Transport serves requests within the process. Slow answers call wait, which may move a clock, and then time out; nil
// times out at once.
func (s *Server) Transport(wait func()) http.RoundTripper { return transport{s, wait} }

type transport struct {
	server *Server
	wait   func()
}

// RoundTrip is as in http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	method, form, body, err := read(r)
	if err != nil {
		return nil, err
	}
	a := t.server.call(method, r.Header, form, body)
	switch {
	case a.slow:
		if t.wait != nil {
			t.wait()
		}
		return nil, timeout{}
	case a.reset:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	return &http.Response{StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r}, nil
}

type timeout struct{}

func (timeout) Error() string   { return "timeout awaiting response headers" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// read gives what a request asks for; an error when it was cut short, as by a sender that died: nothing comes of it then.
func read(r *http.Request) (method string, form url.Values, body []byte, err error) {
	if r.Body != nil {
		body, err = io.ReadAll(io.LimitReader(r.Body, 1<<20))
		r.Body.Close()
		if err != nil {
			return "", nil, nil, err
		}
	}
	form = r.URL.Query()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if posted, err := url.ParseQuery(string(body)); err == nil {
			for k, v := range posted {
				form[k] = v
			}
		}
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var fields map[string]json.RawMessage
		_ = json.Unmarshal(body, &fields) // what cannot be read has no fields
		for k, v := range fields {
			var text string
			if json.Unmarshal(v, &text) != nil {
				text = string(v)
			}
			form.Set(k, text)
		}
	}
	if method = path.Base(r.URL.Path); strings.Contains(r.URL.Path, "/response/") {
		method = "response/" + method
	}
	return method, form, body, nil
}

// ServeHTTP serves requests over the network: methods are the last part of the path, such as /api/chat.postMessage.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isLink(r) {
		s.serveLink(w, r)
		return
	}
	if strings.Contains(r.URL.Path, controlPath) {
		s.serveControl(w, r)
		return
	}
	method, form, body, err := read(r)
	if err != nil {
		panic(http.ErrAbortHandler) // nobody is there to answer
	}
	header := r.Header.Clone()
	header.Set("Host", r.Host) // net/http keeps it apart
	a := s.call(method, header, form, body)
	if a.slow {
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
		a.reset = true
	}
	if a.reset {
		if h, ok := w.(http.Hijacker); ok {
			if conn, _, err := h.Hijack(); err == nil {
				if tcp, ok := conn.(*net.TCPConn); ok {
					tcp.SetLinger(0) // a reset, and no orderly end
				}
				conn.Close()
				return
			}
		}
		panic(http.ErrAbortHandler)
	}
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}
