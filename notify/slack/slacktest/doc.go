// Package slacktest is a Slack of our own, for tests and for trying things out without a workspace. It keeps people,
// channels, user groups and messages in memory, and is as strict as Slack where it matters: unknown channels, missing
// scopes, limits of blocks and texts, empty user groups, one message a second and channel. On demand it fails in every
// way that Slack and networks do. It opens forms, and [Server.Press], [Server.Command] and [Server.Submission] are what
// people do with messages and forms.
//
// [Server] is an http.Handler; [Server.Transport] serves a client in the same process, with faults that cost no time.
package slacktest
