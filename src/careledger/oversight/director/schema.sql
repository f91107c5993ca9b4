-- The director's log. No column names a patient, a code or a claim: there is nothing here that could be billed.
CREATE TABLE agreement (
    agreement_id TEXT PRIMARY KEY CHECK (agreement_id <> ''),
    director TEXT NOT NULL, practice TEXT NOT NULL, approver TEXT NOT NULL CHECK (approver <> director),
    signed_on TEXT NOT NULL, starts_on TEXT NOT NULL CHECK (starts_on >= signed_on), ends_on TEXT NOT NULL CHECK (ends_on > starts_on),
    rate_cents_per_hour INTEGER NOT NULL CHECK (rate_cents_per_hour > 0),
    cap_minutes_per_month INTEGER NOT NULL CHECK (cap_minutes_per_month > 0),
    duties TEXT NOT NULL, terms TEXT NOT NULL
) STRICT;
CREATE TABLE entry (
    entry_id INTEGER PRIMARY KEY,
    agreement_id TEXT NOT NULL REFERENCES agreement, duty TEXT NOT NULL,
    start_s INTEGER NOT NULL, end_s INTEGER NOT NULL CHECK (end_s > start_s AND end_s - start_s <= 86400),
    on_day TEXT NOT NULL, what TEXT NOT NULL, recorded_s INTEGER NOT NULL,
    voids INTEGER UNIQUE REFERENCES entry, why_void TEXT CHECK ((voids IS NULL) = (why_void IS NULL))
) STRICT;
CREATE TABLE approval (
    agreement_id TEXT NOT NULL REFERENCES agreement, month TEXT NOT NULL, approver TEXT NOT NULL, approved_on TEXT NOT NULL,
    minutes INTEGER NOT NULL, amount_cents INTEGER NOT NULL, signature TEXT NOT NULL CHECK (signature <> ''),
    PRIMARY KEY (agreement_id, month)
) STRICT;
CREATE TRIGGER agreement_stays BEFORE UPDATE ON agreement BEGIN SELECT RAISE(ABORT, 'an agreement is never changed; record a new one'); END;
CREATE TRIGGER agreement_kept BEFORE DELETE ON agreement BEGIN SELECT RAISE(ABORT, 'an agreement is never deleted'); END;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'an entry is never changed; void it and log anew'); END;
CREATE TRIGGER entry_kept BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'an entry is never deleted; void it'); END;
CREATE TRIGGER approval_stays BEFORE UPDATE ON approval BEGIN SELECT RAISE(ABORT, 'an approval is never changed'); END;
CREATE TRIGGER approval_kept BEFORE DELETE ON approval BEGIN SELECT RAISE(ABORT, 'an approval is never deleted'); END;
CREATE TRIGGER entry_after_approval BEFORE INSERT ON entry
WHEN EXISTS (SELECT 1 FROM approval a WHERE a.agreement_id = NEW.agreement_id AND a.month = substr(NEW.on_day, 1, 7))
BEGIN SELECT RAISE(ABORT, 'the month is approved'); END;
