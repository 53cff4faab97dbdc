-- What is said to people, and who may read feeds.

CREATE TABLE outbox (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  team         TEXT NOT NULL REFERENCES teams (id),
  kind         TEXT NOT NULL,
  assignment   TEXT NOT NULL,               -- the assignment's uid, '' for a message about none in particular
  version      INTEGER NOT NULL,
  recipient    TEXT NOT NULL,
  step         TEXT NOT NULL,
  agent        TEXT NOT NULL,
  slot         TEXT NOT NULL,
  due          INTEGER NOT NULL,
  expires      INTEGER,
  body         TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'retry', 'dead', 'unknown', 'withdrawn')),
  attempts     INTEGER NOT NULL,
  leased_by    TEXT NOT NULL,
  leased_until INTEGER,
  conversation TEXT NOT NULL,
  stamp        TEXT NOT NULL,
  problem      TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  changed_at   INTEGER NOT NULL,
  UNIQUE (team, kind, assignment, version, recipient, step),
  CHECK ((state = 'sending') = (leased_until IS NOT NULL))
) STRICT;

CREATE INDEX outbox_by_due ON outbox (due, id) WHERE state IN ('pending', 'retry');
CREATE INDEX outbox_by_lease ON outbox (leased_until) WHERE state = 'sending';
CREATE INDEX outbox_by_assignment ON outbox (assignment);

CREATE TABLE handoff_notes (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  team    TEXT NOT NULL REFERENCES teams (id),
  slot    TEXT NOT NULL,                    -- '' for a standing note
  agent   TEXT NOT NULL,
  text    TEXT NOT NULL CHECK (text <> ''),
  by      TEXT NOT NULL,
  at      INTEGER NOT NULL,
  done_by TEXT NOT NULL,
  done_at INTEGER
) STRICT;

CREATE INDEX handoff_notes_by_slot ON handoff_notes (team, slot);

CREATE TABLE takeovers (
  team  TEXT NOT NULL REFERENCES teams (id),
  slot  TEXT NOT NULL,
  agent TEXT NOT NULL,
  at    INTEGER NOT NULL,
  PRIMARY KEY (team, slot, agent)
) STRICT, WITHOUT ROWID;

-- The tokens themselves are never here, only what proves that somebody knows one.
CREATE TABLE feed_tokens (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  hash         BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  team         TEXT NOT NULL REFERENCES teams (id),
  scope        TEXT NOT NULL,
  subject      TEXT NOT NULL,
  created_by   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  used_at      INTEGER,
  used_by      TEXT NOT NULL,
  used_version INTEGER NOT NULL
) STRICT;
