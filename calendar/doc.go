// Package calendar turns published rosters into iCalendar: feeds that people's own calendars subscribe to, and the same
// bytes as files.
//
// Prepare takes what is published of a team and indexes it; Feed chooses what one reader sees of it, as values; Encode
// writes a feed as text/calendar. Export writes whole folders. Handler serves feeds under secret addresses. ReadBusy is
// the way in: it reads somebody else's calendar and says when its owner is busy.
//
// Invariants. A feed is a function of the published roster, its scope and the day, never of the clock: the same three
// give the same bytes, so that a client that asks again gets "not modified" until something really changed. An event's
// UID is that of its assignment and stays; DTSTAMP and LAST-MODIFIED are the last real change; SEQUENCE is the store's.
// All instants are written in UTC, on which every client agrees. No text that a person typed can add, end or change a
// line: every value is cleaned in one place, cleanText and cleanLine. Secrets are never stored, logged or counted, only
// their SHA-256.
//
// What the package must not know: how rosters are made or stored, and how other messages reach people. It imports
// package schedule and nothing else of rota; what it needs from a store it asks for through Source and LinkStore.
package calendar
