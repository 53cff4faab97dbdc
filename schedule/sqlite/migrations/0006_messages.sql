-- What a team wants to be told; the defaults are those of the time when it could not be said.
ALTER TABLE teams ADD COLUMN messages_skip TEXT CHECK (json_valid(messages_skip));
ALTER TABLE teams ADD COLUMN digest_at TEXT NOT NULL DEFAULT '08:00';
ALTER TABLE teams ADD COLUMN gap_within INTEGER NOT NULL DEFAULT 2880;
ALTER TABLE teams ADD COLUMN escalate_after INTEGER NOT NULL DEFAULT 5;
ALTER TABLE teams ADD COLUMN offer_wave INTEGER NOT NULL DEFAULT 3;
ALTER TABLE teams ADD COLUMN offer_every INTEGER NOT NULL DEFAULT 20;

-- When a message was brought to its last form where it stands, NULL while it was not.
ALTER TABLE outbox ADD COLUMN edited_at INTEGER;
CREATE INDEX outbox_by_end ON outbox (changed_at) WHERE state IN ('sent', 'dead', 'withdrawn');

-- How many publications of the team the maker of a roster knew; a published one knows of itself. What was published since
-- is not in a draft, and must not be lost by publishing it.
DROP TRIGGER rosters_stay;
ALTER TABLE rosters ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
UPDATE rosters SET seen = publication WHERE publication IS NOT NULL;
UPDATE rosters SET seen = coalesce((SELECT p.publication FROM rosters p WHERE p.team = rosters.team AND p.version = rosters.based_on),
  (SELECT max(p.publication) FROM rosters p WHERE p.team = rosters.team AND p.published_at <= rosters.created_at), 0) WHERE state = 'draft';

CREATE TRIGGER rosters_stay BEFORE UPDATE ON rosters WHEN OLD.state <> 'draft' AND NOT (
    OLD.state = 'published' AND NEW.state = 'superseded' AND
    (OLD.id, OLD.team, OLD.version, OLD.first_day, OLD.last_day, OLD.cost, OLD.bound, OLD.status, OLD.seed, OLD.work,
     OLD.based_on, OLD.created_by, OLD.created_at, OLD.published_by, OLD.published_at, OLD.publication, OLD.note, OLD.reason, OLD.seen) IS
    (NEW.id, NEW.team, NEW.version, NEW.first_day, NEW.last_day, NEW.cost, NEW.bound, NEW.status, NEW.seed, NEW.work,
     NEW.based_on, NEW.created_by, NEW.created_at, NEW.published_by, NEW.published_at, NEW.publication, NEW.note, NEW.reason, NEW.seen))
BEGIN SELECT RAISE(ABORT, 'rota: a published roster cannot be changed'); END;
