package slacktest

import (
	"slices"
	"strings"
)

// AddUser adds a person, or changes their e-mail address. Without one it is made of the id.
func (s *Server) AddUser(id, email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if email == "" {
		email = strings.ToLower(id) + "@harbor.example"
	}
	s.users[id] = strings.ToLower(email)
}

// AddChannel adds a channel, unless there is one of that id or name.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.channels, func(x Channel) bool { return x.ID == c.ID || x.Name == c.Name }) {
		s.channels = append(s.channels, c)
	}
}

// AddGroup adds a user group, unless there is one of that id or handle.
func (s *Server) AddGroup(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.groups, func(x *Group) bool { return x.ID == g.ID || x.Handle == g.Handle }) {
		s.groups = append(s.groups, &g)
	}
}
