package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// addServing adds what scripts about servers need.
//
//	serving ARGS...        start rota serve on a free port; its log is in serve.log
//	stopped                interrupt it and demand that it ends well
//	address NAME           put the path that rota calendar link --json has printed last into $NAME
//	fetch CODE PATH [HEADER: VALUE]...   ask for a path, with -head for its head alone; the answer is in body and head
//	tag NAME               put the ETag of the last answer into $NAME
//	offer FOLDER           serve a folder; its address is in $OFFER
func addServing(cmds map[string]func(*testscript.TestScript, bool, []string)) {
	var mu sync.Mutex
	servers := map[*testscript.TestScript]*exec.Cmd{}
	maps.Copy(cmds, map[string]func(*testscript.TestScript, bool, []string){
		"serving": func(ts *testscript.TestScript, neg bool, args []string) {
			var binary string
			for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
				if _, err := os.Stat(filepath.Join(dir, "rota")); err == nil {
					binary = filepath.Join(dir, "rota")
					break
				}
			}
			c := exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
			c.Dir = ts.MkAbs(".")
			for _, name := range []string{"PATH", "HOME", "ROTA_NOW", "ROTA_USER", "TMPDIR"} {
				c.Env = append(c.Env, name+"="+ts.Getenv(name))
			}
			log, err := os.Create(ts.MkAbs("serve.log"))
			ts.Check(err)
			defer log.Close()
			c.Stderr = log
			out, err := c.StdoutPipe()
			ts.Check(err)
			ts.Check(c.Start())
			ts.Defer(func() { _ = c.Process.Kill() })
			line, err := bufio.NewReader(out).ReadString('\n')
			base, ok := strings.CutPrefix(strings.TrimSpace(line), "Serving on ")
			if !ok {
				_ = c.Wait()
				ts.Fatalf("rota serve says %q: %v\n%s", line, err, ts.ReadFile("serve.log"))
			}
			ts.Setenv("BASE", base)
			mu.Lock()
			defer mu.Unlock()
			servers[ts] = c
		},
		"stopped": func(ts *testscript.TestScript, neg bool, args []string) {
			mu.Lock()
			c := servers[ts]
			mu.Unlock()
			ts.Check(c.Process.Signal(syscall.SIGTERM))
			if err := c.Wait(); err != nil {
				ts.Fatalf("rota serve ends with %v\n%s", err, ts.ReadFile("serve.log"))
			}
		},
		"address": func(ts *testscript.TestScript, neg bool, args []string) {
			var out addressJSON
			ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &out))
			ts.Setenv(args[0], out.Path)
		},
		"fetch": func(ts *testscript.TestScript, neg bool, args []string) {
			method := http.MethodGet
			if args[0] == "-head" {
				method, args = http.MethodHead, args[1:]
			}
			r, err := http.NewRequest(method, ts.Getenv("BASE")+args[1], nil)
			ts.Check(err)
			for _, h := range args[2:] {
				name, value, _ := strings.Cut(h, ": ")
				r.Header.Set(name, value)
			}
			client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
			var res *http.Response
			// What was just changed is served within the time between two looks at the database.
			for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
				res, err = client.Do(r)
				ts.Check(err)
				if fmt.Sprint(res.StatusCode) == args[0] || time.Now().After(deadline) {
					break
				}
				_ = res.Body.Close()
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			ts.Check(err)
			var head strings.Builder
			for _, name := range slices.Sorted(maps.Keys(res.Header)) {
				fmt.Fprintf(&head, "%s: %s\n", name, strings.Join(res.Header[name], ", "))
			}
			ts.Check(os.WriteFile(ts.MkAbs("body"), body, 0o600))
			ts.Check(os.WriteFile(ts.MkAbs("head"), []byte(head.String()), 0o600))
			if fmt.Sprint(res.StatusCode) != args[0] {
				ts.Fatalf("%s %s gives %d, want %s\n%s", method, args[1], res.StatusCode, args[0], body)
			}
		},
		"tag": func(ts *testscript.TestScript, neg bool, args []string) {
			for line := range strings.Lines(ts.ReadFile("head")) {
				if v, ok := strings.CutPrefix(line, "Etag: "); ok {
					ts.Setenv(args[0], strings.TrimSpace(v))
					return
				}
			}
			ts.Fatalf("the answer has no ETag")
		},
		"offer": func(ts *testscript.TestScript, neg bool, args []string) {
			s := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs(args[0]))))
			ts.Defer(s.Close)
			ts.Setenv("OFFER", s.URL)
		},
	})
}

// Addresses are told from names of files by their scheme.
func TestCalendarAddressesAreWebAddresses(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"x.ics": "", "-": "", "c:/x.ics": "", "https://a/x": "https://a/x", "webcal://a/x": "https://a/x", "WebCal://a/x": "https://a/x", "file:///x": "file:///x",
	} {
		if got := calendarAddress(word); got != want {
			t.Errorf("%s is %q, want %q", word, got, want)
		}
	}
}
