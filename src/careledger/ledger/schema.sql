-- The ledger's file. The body is the canonical text that is hashed; every other column of it is read from the body, so
-- that nothing is told twice. Nothing is ever changed or deleted, and every row comes right behind the last one.
CREATE TABLE origin (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  ledger_id TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  late_after_days INTEGER NOT NULL,
  created_s INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (
  sequence INTEGER PRIMARY KEY,
  body TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  entry_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.entry_id')) VIRTUAL,
  kind TEXT GENERATED ALWAYS AS (json_extract(body, '$.kind')) VIRTUAL,
  refers_to TEXT GENERATED ALWAYS AS (json_extract(body, '$.refers_to')) VIRTUAL,
  patient_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.work.patient_id')) VIRTUAL,
  person_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.work.by')) VIRTUAL,
  start_s INTEGER GENERATED ALWAYS AS (json_extract(body, '$.work.start_s')) VIRTUAL,
  end_s INTEGER GENERATED ALWAYS AS (json_extract(body, '$.work.end_s')) VIRTUAL
) STRICT;

CREATE UNIQUE INDEX entries_entry_id ON entries (entry_id);
CREATE UNIQUE INDEX entries_refers_to ON entries (refers_to) WHERE refers_to IS NOT NULL;
CREATE INDEX entries_person ON entries (person_id, start_s);
CREATE INDEX entries_patient ON entries (patient_id);

CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: entries are never changed; void or replace them'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: entries are never deleted; void them'); END;
CREATE TRIGGER entries_at_the_end BEFORE INSERT ON entries
WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM entries)
  OR EXISTS (SELECT 1 FROM entries WHERE hash = NEW.hash OR entry_id = json_extract(NEW.body, '$.entry_id'))
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: an entry comes right behind the last one, under an id of its own'); END;
CREATE TRIGGER origin_no_update BEFORE UPDATE ON origin
BEGIN SELECT RAISE(ABORT, 'the origin of a ledger is never changed'); END;
CREATE TRIGGER origin_no_delete BEFORE DELETE ON origin
BEGIN SELECT RAISE(ABORT, 'the origin of a ledger is never deleted'); END;
CREATE TRIGGER origin_once BEFORE INSERT ON origin WHEN EXISTS (SELECT 1 FROM origin)
BEGIN SELECT RAISE(ABORT, 'a ledger has one origin'); END;
