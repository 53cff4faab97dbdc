// Package slack carries messages to people through Slack, and brings back what they press and type.
//
// The entry points are [NewClient], a notify.Messenger, and [Handler], which serves buttons and slash commands from signed
// HTTP requests or, through [Socket], without any public address. [Manifest] describes the app to Slack and
// [Client.Check] says whether everything it needs is there.
//
// Invariants. Nothing is ever tried twice here: whether a message may be sent again is for notify to decide. What people
// wrote goes out as plain text elements, never as markup, so no name can mention a channel or break a layout. Slack's
// limits are kept before it is asked. No token, signing secret or response address ever gets into an error: errors are
// written anew, with only what is known to be harmless.
//
// The Slack library is used in this package alone, and nothing of it shows outside.
package slack
