-- What teams state: one row per entry of a team file.
--
-- Dates are TEXT as 2026-12-07, '' where none is given; clocks are TEXT as 07:00; instants are INTEGER seconds since
-- 1970 in UTC, NULL where none is given; lengths are INTEGER minutes. Lists of words are JSON, NULL where nothing is
-- stated, since an empty list can mean something else. position keeps the order in which people wrote.
--
-- Foreign keys are checked at the end of a transaction, so a book can be written in any order.

CREATE TABLE teams (
  id             TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  revision       INTEGER NOT NULL,          -- rises by one with every change of the book
  name           TEXT NOT NULL,
  zone           TEXT NOT NULL,
  week_start     INTEGER NOT NULL CHECK (week_start BETWEEN 0 AND 6),
  weekend_start  TEXT NOT NULL,             -- saturday 00:00
  weekend_end    TEXT NOT NULL,
  night          TEXT NOT NULL,             -- 23:00-06:00
  holidays       TEXT CHECK (json_valid(holidays)),
  burden_night   INTEGER NOT NULL,          -- percent
  burden_weekend INTEGER NOT NULL,
  burden_holiday INTEGER NOT NULL,
  burden_short   INTEGER NOT NULL,
  short_notice   INTEGER NOT NULL,
  half_life      INTEGER NOT NULL,          -- days
  manager        TEXT NOT NULL,
  manager_slack  TEXT NOT NULL,
  channel        TEXT NOT NULL,
  on_groups      TEXT CHECK (json_valid(on_groups)),
  reminders      TEXT CHECK (json_valid(reminders)),
  quiet          TEXT,
  feed_names     INTEGER NOT NULL CHECK (feed_names IN (0, 1)),
  feed_leave     INTEGER NOT NULL CHECK (feed_leave IN (0, 1)),
  feed_past      INTEGER NOT NULL,
  feed_future    INTEGER NOT NULL,
  feed_cancelled INTEGER NOT NULL,
  feed_alarm     INTEGER
) STRICT;

CREATE TABLE shifts (
  team       TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position   INTEGER NOT NULL,
  id         TEXT NOT NULL CHECK (id <> ''),
  name       TEXT NOT NULL,
  code       TEXT NOT NULL,
  starts     TEXT NOT NULL,
  ends       TEXT NOT NULL,
  zone       TEXT NOT NULL,
  rrule      TEXT NOT NULL,
  from_date  TEXT NOT NULL,
  until_date TEXT NOT NULL,
  except_on  TEXT CHECK (json_valid(except_on)),
  also_on    TEXT CHECK (json_valid(also_on)),
  tags       TEXT CHECK (json_valid(tags)),
  break      INTEGER NOT NULL,
  paid       INTEGER,
  burden     INTEGER NOT NULL,
  color      TEXT NOT NULL,
  location   TEXT NOT NULL,
  link       TEXT NOT NULL,
  note       TEXT NOT NULL,
  PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE demand (
  team              TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position          INTEGER NOT NULL,
  id                TEXT NOT NULL CHECK (id <> ''),
  shift             TEXT NOT NULL,          -- * for every shift, so not a reference
  interval          TEXT,
  step              INTEGER NOT NULL,
  zone              TEXT NOT NULL,
  days              INTEGER NOT NULL CHECK (days BETWEEN 0 AND 127), -- a bit per weekday from Sunday, 0 for all
  dates             TEXT CHECK (json_valid(dates)),
  from_date         TEXT NOT NULL,
  until_date        TEXT NOT NULL,
  holiday           INTEGER CHECK (holiday IN (0, 1)),
  agents_min        INTEGER,
  agents_target     INTEGER,
  agents_max        INTEGER,
  min_weight        INTEGER,
  target_weight     INTEGER,
  max_weight        INTEGER,
  language          TEXT NOT NULL,
  language_level    TEXT NOT NULL,
  language_min      INTEGER,
  language_capacity INTEGER,
  language_weight   INTEGER,
  skill             TEXT NOT NULL,
  skill_level       INTEGER NOT NULL,
  skill_min         INTEGER,
  skill_weight      INTEGER,
  note              TEXT NOT NULL,
  PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE contracts (
  team     TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  id       TEXT NOT NULL CHECK (id <> ''),
  name     TEXT NOT NULL,
  min      INTEGER,
  target   INTEGER,
  max      INTEGER,
  extra    INTEGER NOT NULL,
  shifts   TEXT CHECK (json_valid(shifts)),
  note     TEXT NOT NULL,
  PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rules (
  team      TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position  INTEGER NOT NULL,
  id        TEXT NOT NULL CHECK (id <> ''),
  name      TEXT NOT NULL,
  params    TEXT CHECK (json_valid(params)),
  contracts TEXT CHECK (json_valid(contracts)),
  agents    TEXT CHECK (json_valid(agents)),
  tags      TEXT CHECK (json_valid(tags)),
  force     TEXT NOT NULL,
  weight    INTEGER NOT NULL,
  pack      TEXT NOT NULL,
  note      TEXT NOT NULL,
  PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE patterns (
  team     TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  id       TEXT NOT NULL CHECK (id <> ''),
  name     TEXT NOT NULL,
  days     TEXT NOT NULL,
  step     INTEGER NOT NULL,
  offsets  TEXT CHECK (json_valid(offsets)),
  note     TEXT NOT NULL,
  PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rotations (
  team       TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position   INTEGER NOT NULL,
  id         TEXT NOT NULL CHECK (id <> ''),
  pattern    TEXT NOT NULL,                 -- may be a built-in one, so not a reference
  start_date TEXT NOT NULL,
  from_date  TEXT NOT NULL,
  until_date TEXT NOT NULL,
  letters    TEXT CHECK (json_valid(letters)),
  crews      TEXT CHECK (json_valid(crews)),
  weight     INTEGER,
  note       TEXT NOT NULL,
  PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE holidays (
  team     TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  date     TEXT NOT NULL,
  country  TEXT NOT NULL,
  name     TEXT NOT NULL,
  PRIMARY KEY (team, date, country, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  team      TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position  INTEGER NOT NULL,
  id        TEXT NOT NULL CHECK (id <> ''),
  name      TEXT NOT NULL,
  zone      TEXT NOT NULL,
  contract  TEXT,
  slack     TEXT NOT NULL,
  email     TEXT NOT NULL,
  tags      TEXT CHECK (json_valid(tags)),
  holidays  TEXT CHECK (json_valid(holidays)),
  from_date TEXT NOT NULL,
  to_date   TEXT NOT NULL,
  extra     INTEGER,
  reminders TEXT CHECK (json_valid(reminders)),
  quiet     TEXT,
  note      TEXT NOT NULL,
  PRIMARY KEY (team, id),
  FOREIGN KEY (team, contract) REFERENCES contracts (team, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE INDEX agents_by_contract ON agents (team, contract);

CREATE TABLE agent_languages (
  team     TEXT NOT NULL,
  agent    TEXT NOT NULL,
  language TEXT NOT NULL,
  level    TEXT NOT NULL,
  PRIMARY KEY (team, agent, language),
  FOREIGN KEY (team, agent) REFERENCES agents (team, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_skills (
  team  TEXT NOT NULL,
  agent TEXT NOT NULL,
  skill TEXT NOT NULL,
  level INTEGER NOT NULL,
  PRIMARY KEY (team, agent, skill),
  FOREIGN KEY (team, agent) REFERENCES agents (team, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE availability (
  team        TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position    INTEGER NOT NULL,
  id          TEXT NOT NULL CHECK (id <> ''),
  agent       TEXT NOT NULL,
  kind        TEXT NOT NULL,
  from_date   TEXT NOT NULL,
  to_date     TEXT NOT NULL,
  rrule       TEXT NOT NULL,
  hours       TEXT NOT NULL,
  exact_start INTEGER,
  exact_end   INTEGER,
  shifts      TEXT CHECK (json_valid(shifts)),
  tags        TEXT CHECK (json_valid(tags)),
  weight      INTEGER,
  note        TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('', 'asked', 'approved', 'refused')),
  answered_by TEXT NOT NULL,
  answered_at INTEGER,
  source      TEXT NOT NULL,
  external    TEXT NOT NULL,
  PRIMARY KEY (team, id),
  FOREIGN KEY (team, agent) REFERENCES agents (team, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE INDEX availability_by_agent ON availability (team, agent);

CREATE TABLE pins (
  team     TEXT NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  agent    TEXT NOT NULL,
  slot     TEXT NOT NULL,
  forbid   INTEGER NOT NULL CHECK (forbid IN (0, 1)),
  note     TEXT NOT NULL,
  PRIMARY KEY (team, agent, slot),
  FOREIGN KEY (team, agent) REFERENCES agents (team, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Who changed what, and when. Rows are only ever added.
CREATE TABLE audit_log (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  team   TEXT NOT NULL,                     -- not a reference: the log outlives what it tells of
  op     TEXT NOT NULL,
  kind   TEXT NOT NULL,
  key    TEXT NOT NULL,
  detail TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;

CREATE INDEX audit_log_by_entry ON audit_log (team, kind, key, id);

CREATE TRIGGER audit_log_keeps_rows BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'rota: the audit log cannot be changed'); END;

CREATE TRIGGER audit_log_loses_no_rows BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'rota: the audit log cannot be changed'); END;
