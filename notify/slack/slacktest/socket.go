package slacktest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// link is a Socket Mode connection.
type link struct {
	conn *websocket.Conn
	acks chan string
}

// linkPath is where Socket Mode connects.
const linkPath = "/link"

// openLink answers apps.connections.open: the address is at the host that was asked.
func (s *Server) openLink(host string) answer {
	return ok(map[string]any{"url": "ws://" + cmp.Or(host, "localhost") + linkPath + "?ticket=secretticket"})
}

// serveLink holds one connection until it breaks.
func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	defer conn.Close()
	l := &link{conn: conn, acks: make(chan string, 16)}
	if conn.WriteJSON(map[string]any{"type": "hello", "num_connections": 1, "connection_info": map[string]any{"app_id": "A0ROTA"}}) != nil {
		return
	}
	for waits := true; waits; {
		select {
		case s.links <- l:
			waits = false
		default:
			select {
			case <-s.links: // the oldest has long ended
			default:
			}
		}
	}
	for {
		var ack struct {
			EnvelopeID string `json:"envelope_id"`
		}
		if conn.ReadJSON(&ack) != nil {
			close(l.acks)
			return
		}
		l.acks <- ack.EnvelopeID
	}
}

// Push sends something to the app over Socket Mode: kind is interactive or slash_commands. It waits for a connection and
// then for the app's word that it has it, as long as Slack would, and says how long that took. With drop, the connection
// is broken afterwards, as Slack does every few hours.
func (s *Server) Push(kind, envelope string, payload any, drop bool) (time.Duration, error) {
	const patience = 3 * time.Second
	var l *link
	select {
	case l = <-s.links:
	case <-time.After(30 * time.Second):
		return 0, errors.New("nobody connected")
	}
	began := time.Now()
	err := l.conn.WriteJSON(map[string]any{"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": true})
	if err != nil {
		return 0, err
	}
	select {
	case id, open := <-l.acks:
		if !open || id != envelope {
			return 0, fmt.Errorf("acknowledged %q, want %q", id, envelope)
		}
	case <-time.After(patience):
		return 0, errors.New("not acknowledged within 3 seconds")
	}
	took := time.Since(began)
	if drop {
		return took, l.conn.Close()
	}
	s.links <- l
	return took, nil
}

func isLink(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, linkPath) }
