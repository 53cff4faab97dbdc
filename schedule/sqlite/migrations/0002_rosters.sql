-- Rosters in numbered versions, what calendars know of them, and the ledger of burden.
--
-- A slot and an agent are kept by their names and not as references to shifts and agents: a published roster keeps its
-- meaning when a shift changes or a person leaves.

CREATE TABLE rosters (
  id           INTEGER PRIMARY KEY,
  team         TEXT NOT NULL REFERENCES teams (id),
  version      INTEGER NOT NULL CHECK (version > 0),
  first_day    TEXT NOT NULL CHECK (first_day <> ''),
  last_day     TEXT NOT NULL CHECK (last_day >= first_day),
  state        TEXT NOT NULL CHECK (state IN ('draft', 'published', 'superseded')),
  cost         INTEGER NOT NULL,
  bound        INTEGER,
  status       TEXT NOT NULL,
  seed         INTEGER NOT NULL,
  work         INTEGER NOT NULL,
  based_on     INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  created_at   INTEGER,
  published_by TEXT NOT NULL,
  published_at INTEGER,
  publication  INTEGER,                     -- the order in which versions were published, which is not that of numbers
  note         TEXT NOT NULL,
  reason       TEXT NOT NULL,
  UNIQUE (team, version),
  UNIQUE (team, publication),
  CHECK ((state = 'draft') = (publication IS NULL))
) STRICT;

CREATE TABLE roster_slots (
  roster   INTEGER NOT NULL REFERENCES rosters (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  slot     TEXT NOT NULL,
  shift    TEXT NOT NULL,
  date     TEXT NOT NULL,
  day      TEXT NOT NULL,
  starts   INTEGER NOT NULL,
  ends     INTEGER NOT NULL CHECK (ends > starts),
  moved    INTEGER NOT NULL CHECK (moved IN (0, 1)),
  paid     INTEGER NOT NULL,
  tags     TEXT CHECK (json_valid(tags)),
  burden   INTEGER NOT NULL,
  demand   TEXT NOT NULL CHECK (json_valid(demand)),
  PRIMARY KEY (roster, slot)
) STRICT, WITHOUT ROWID;

CREATE INDEX roster_slots_by_time ON roster_slots (ends, starts);

-- The permanent name of a pair of slot and agent. Rows are never changed and never removed, so a pair that comes back
-- finds its name again.
CREATE TABLE assignment_uids (
  uid        TEXT NOT NULL PRIMARY KEY,
  team       TEXT NOT NULL,
  slot       TEXT NOT NULL,
  agent      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (team, slot, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignments (
  roster INTEGER NOT NULL,
  slot   TEXT NOT NULL,
  agent  TEXT NOT NULL,
  source TEXT NOT NULL,
  uid    TEXT NOT NULL REFERENCES assignment_uids (uid),
  PRIMARY KEY (roster, slot, agent),
  FOREIGN KEY (roster, slot) REFERENCES roster_slots (roster, slot) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Which published version people go by on each roster day.
CREATE TABLE published_days (
  team   TEXT NOT NULL,
  day    TEXT NOT NULL,
  roster INTEGER NOT NULL REFERENCES rosters (id),
  PRIMARY KEY (team, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX published_days_by_roster ON published_days (roster, day);

-- What calendars have been told about an assignment, last of all.
CREATE TABLE calendar_events (
  uid        TEXT NOT NULL PRIMARY KEY REFERENCES assignment_uids (uid),
  team       TEXT NOT NULL,
  slot       TEXT NOT NULL,
  agent      TEXT NOT NULL,
  shift      TEXT NOT NULL,
  day        TEXT NOT NULL,
  starts     INTEGER NOT NULL,
  ends       INTEGER NOT NULL,
  version    INTEGER NOT NULL,              -- of the last change
  digest     TEXT NOT NULL,                 -- of whatever else an entry shows
  sequence   INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  cancelled  INTEGER NOT NULL CHECK (cancelled IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX calendar_events_by_time ON calendar_events (team, ends, starts);
CREATE INDEX calendar_events_by_day ON calendar_events (team, day);

CREATE TABLE ledger (
  id           INTEGER PRIMARY KEY,
  team         TEXT NOT NULL REFERENCES teams (id),
  agent        TEXT NOT NULL,
  first_day    TEXT NOT NULL,
  last_day     TEXT NOT NULL CHECK (last_day >= first_day),
  version      INTEGER NOT NULL,            -- 0 for imported history
  night        INTEGER NOT NULL,
  weekend      INTEGER NOT NULL,
  holiday      INTEGER NOT NULL,
  short_notice INTEGER NOT NULL,
  extra        INTEGER NOT NULL,
  fair_night        INTEGER NOT NULL,
  fair_weekend      INTEGER NOT NULL,
  fair_holiday      INTEGER NOT NULL,
  fair_short_notice INTEGER NOT NULL,
  fair_extra        INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  note         TEXT NOT NULL
) STRICT;

CREATE INDEX ledger_by_team ON ledger (team, last_day);
CREATE UNIQUE INDEX ledger_once_per_version ON ledger (team, version, agent) WHERE version > 0;

-- What was published stays as it was. The one change that a published roster knows is that a later one takes its place.

CREATE TRIGGER rosters_stay BEFORE UPDATE ON rosters WHEN OLD.state <> 'draft' AND NOT (
    OLD.state = 'published' AND NEW.state = 'superseded' AND
    (OLD.id, OLD.team, OLD.version, OLD.first_day, OLD.last_day, OLD.cost, OLD.bound, OLD.status, OLD.seed, OLD.work,
     OLD.based_on, OLD.created_by, OLD.created_at, OLD.published_by, OLD.published_at, OLD.publication, OLD.note, OLD.reason) IS
    (NEW.id, NEW.team, NEW.version, NEW.first_day, NEW.last_day, NEW.cost, NEW.bound, NEW.status, NEW.seed, NEW.work,
     NEW.based_on, NEW.created_by, NEW.created_at, NEW.published_by, NEW.published_at, NEW.publication, NEW.note, NEW.reason))
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER rosters_are_kept BEFORE DELETE ON rosters WHEN OLD.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER roster_slots_come_with_drafts BEFORE INSERT ON roster_slots
WHEN (SELECT state FROM rosters WHERE id = NEW.roster) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER roster_slots_stay BEFORE UPDATE ON roster_slots
WHEN (SELECT state FROM rosters WHERE id = OLD.roster) <> 'draft' OR (SELECT state FROM rosters WHERE id = NEW.roster) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER roster_slots_are_kept BEFORE DELETE ON roster_slots
WHEN (SELECT state FROM rosters WHERE id = OLD.roster) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER assignments_come_with_drafts BEFORE INSERT ON assignments
WHEN (SELECT state FROM rosters WHERE id = NEW.roster) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER assignments_stay BEFORE UPDATE ON assignments
WHEN (SELECT state FROM rosters WHERE id = OLD.roster) <> 'draft' OR (SELECT state FROM rosters WHERE id = NEW.roster) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER assignments_are_kept BEFORE DELETE ON assignments
WHEN (SELECT state FROM rosters WHERE id = OLD.roster) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;

CREATE TRIGGER assignment_uids_stay BEFORE UPDATE ON assignment_uids
BEGIN SELECT RAISE(ABORT, 'rota: the name of an assignment cannot be changed'); END;

CREATE TRIGGER assignment_uids_are_kept BEFORE DELETE ON assignment_uids
BEGIN SELECT RAISE(ABORT, 'rota: the name of an assignment cannot be changed'); END;

CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'rota: the ledger cannot be changed'); END;

CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'rota: the ledger cannot be changed'); END;
