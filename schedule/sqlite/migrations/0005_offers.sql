-- What people are asked and what they do not want to be told.

CREATE TABLE offers (
  team         TEXT NOT NULL REFERENCES teams (id),
  id           TEXT NOT NULL CHECK (id <> '' AND instr(id, ' ') = 0),
  slot         TEXT NOT NULL,
  instead      TEXT NOT NULL,               -- the agent who gives it up, '' for a place that is open
  asked        TEXT NOT NULL,
  opened       INTEGER NOT NULL,
  expires      INTEGER NOT NULL,
  note         TEXT NOT NULL,
  created_by   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  claimed_by   TEXT NOT NULL,               -- '' while nobody has taken it
  claimed_at   INTEGER,
  version      INTEGER NOT NULL,            -- the roster that came of it, 0 for none
  withdrawn_by TEXT NOT NULL,
  withdrawn_at INTEGER,
  PRIMARY KEY (team, id),
  CHECK (expires > opened),
  CHECK ((claimed_by = '') = (claimed_at IS NULL)),
  CHECK (claimed_at IS NULL OR withdrawn_at IS NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE mutes (
  team  TEXT NOT NULL REFERENCES teams (id),
  agent TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (team, agent)
) STRICT, WITHOUT ROWID;
