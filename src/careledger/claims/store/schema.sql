-- The claims store: claims, what was sent, what came back, and the money. Plain SQL that SQLite and PostgreSQL both take.
-- Money is whole cents, days and instants are ISO text, contents of files are bytes.

CREATE TABLE IF NOT EXISTS counter (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS claim (
    claim_id TEXT PRIMARY KEY,              -- our control number, which every answer returns
    chain_id TEXT NOT NULL,                 -- control number of the first claim that this one corrects or follows
    frequency TEXT NOT NULL,
    follows TEXT NOT NULL DEFAULT '',       -- the claim this one replaces, voids or is secondary to
    ledger_id TEXT NOT NULL,                -- the claim whose charges this one asks for: itself, or the first payer's claim
    state TEXT NOT NULL CHECK (state IN ('held', 'ready', 'exported', 'taken', 'rejected', 'replaced', 'voided', 'dropped')),
    payer_number TEXT NOT NULL,
    payer_policy TEXT NOT NULL,
    payer_rank TEXT NOT NULL,
    payer_control TEXT NOT NULL DEFAULT '', -- the payer's own number
    member_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    practitioner_id TEXT NOT NULL,
    practice_id TEXT NOT NULL,
    billing_npi TEXT NOT NULL,
    month TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    charge_cents BIGINT NOT NULL,
    held_by TEXT NOT NULL DEFAULT '',       -- ids of the checks that hold it
    built_at TEXT NOT NULL,
    body TEXT NOT NULL,                     -- the whole claim, as it was sent once it has left
    newest TEXT NOT NULL DEFAULT ''         -- what a build would make of it now, when that differs from what was sent
);
CREATE INDEX IF NOT EXISTS claim_chain ON claim (chain_id);
CREATE INDEX IF NOT EXISTS claim_person ON claim (member_id, since);
CREATE INDEX IF NOT EXISTS claim_npi ON claim (billing_npi);
CREATE INDEX IF NOT EXISTS claim_state ON claim (state);
CREATE INDEX IF NOT EXISTS claim_payer_control ON claim (payer_control);

CREATE TABLE IF NOT EXISTS claim_line (
    claim_id TEXT NOT NULL REFERENCES claim (claim_id) DEFERRABLE INITIALLY DEFERRED,
    line_no INTEGER NOT NULL,
    line_id TEXT NOT NULL,
    code TEXT NOT NULL,
    modifiers TEXT NOT NULL,
    units TEXT NOT NULL,
    charge_cents BIGINT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (claim_id, line_no)
);

CREATE TABLE IF NOT EXISTS batch (
    batch_id BIGINT PRIMARY KEY,            -- interchange control number, never used again
    receiver TEXT NOT NULL,
    name TEXT NOT NULL,                     -- our name of the batch (BHT03)
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content BYTEA NOT NULL,                 -- the file, compressed; what lies in a folder is a copy
    claims INTEGER NOT NULL,
    charge_cents BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    written_to TEXT NOT NULL DEFAULT '',    -- empty until the copy lies in its folder
    answer TEXT NOT NULL DEFAULT '' CHECK (answer IN ('', 'taken', 'partly', 'rejected'))
);

CREATE TABLE IF NOT EXISTS batch_claim (
    batch_id BIGINT NOT NULL REFERENCES batch (batch_id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,              -- place of the claim in the file, from 1
    set_control TEXT NOT NULL,              -- transaction set it stands in (ST02)
    claim_id TEXT NOT NULL REFERENCES claim (claim_id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (batch_id, position)
);
CREATE INDEX IF NOT EXISTS batch_claim_claim ON batch_claim (claim_id);

CREATE TABLE IF NOT EXISTS received_file (
    file_id TEXT PRIMARY KEY,               -- sha256 of the bytes
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('remittance', 'paper', 'acknowledgement')),
    state TEXT NOT NULL CHECK (state IN ('posted', 'quarantined')),
    reasons TEXT NOT NULL DEFAULT '',       -- one a line
    received_at TEXT NOT NULL,
    released_by TEXT NOT NULL DEFAULT '',
    released_because TEXT NOT NULL DEFAULT '',
    content BYTEA NOT NULL
);

CREATE TABLE IF NOT EXISTS answer (
    file_id TEXT NOT NULL REFERENCES received_file (file_id) DEFERRABLE INITIALLY DEFERRED,
    seq INTEGER NOT NULL,
    batch_id BIGINT,
    claim_id TEXT,
    line_no INTEGER,
    level TEXT NOT NULL,
    accepted INTEGER,                       -- 1, 0, or nothing where it is only information
    codes TEXT NOT NULL,
    points_to TEXT NOT NULL,
    says TEXT NOT NULL,
    todo TEXT NOT NULL,
    PRIMARY KEY (file_id, seq)
);
CREATE INDEX IF NOT EXISTS answer_claim ON answer (claim_id);

CREATE TABLE IF NOT EXISTS payment (
    payment_id BIGINT PRIMARY KEY,
    payer_id TEXT NOT NULL,
    trace TEXT NOT NULL,
    payer_name TEXT NOT NULL,
    payee_npi TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    method TEXT NOT NULL,
    paid_on TEXT NOT NULL,
    file_id TEXT NOT NULL REFERENCES received_file (file_id) DEFERRABLE INITIALLY DEFERRED,
    digest TEXT NOT NULL,                   -- of what was paid, to tell the same payment sent again from another one
    posted_at TEXT NOT NULL,
    UNIQUE (payer_id, trace)                -- a payment is posted once
);

CREATE TABLE IF NOT EXISTS remitted_claim (
    payment_id BIGINT NOT NULL REFERENCES payment (payment_id) DEFERRABLE INITIALLY DEFERRED,
    seq INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    claim_id TEXT,                          -- nothing until it is matched
    matched_by TEXT NOT NULL,               -- control, payer_control, patient, person, or empty
    control_number TEXT NOT NULL,
    status TEXT NOT NULL,
    charge_cents BIGINT NOT NULL,
    paid_cents BIGINT NOT NULL,
    payer_control TEXT NOT NULL,
    member_id TEXT NOT NULL,
    corrected_id TEXT NOT NULL,
    sent_on_to TEXT NOT NULL,
    remarks TEXT NOT NULL,
    PRIMARY KEY (payment_id, seq)
);
CREATE INDEX IF NOT EXISTS remitted_claim_claim ON remitted_claim (claim_id);

CREATE TABLE IF NOT EXISTS remitted_line (
    payment_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    line_seq INTEGER NOT NULL,
    line_no INTEGER,                        -- our line, nothing until it is matched
    code TEXT NOT NULL,
    modifiers TEXT NOT NULL,
    since TEXT NOT NULL,
    charge_cents BIGINT NOT NULL,
    paid_cents BIGINT NOT NULL,
    allowed_cents BIGINT,
    units TEXT NOT NULL,
    remarks TEXT NOT NULL,
    PRIMARY KEY (payment_id, seq, line_seq)
);

CREATE TABLE IF NOT EXISTS remitted_adjustment (
    payment_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    line_seq INTEGER NOT NULL,              -- 0 for the claim itself
    adj_seq INTEGER NOT NULL,
    group_code TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    PRIMARY KEY (payment_id, seq, line_seq, adj_seq)
);

CREATE TABLE IF NOT EXISTS provider_adjustment (
    payment_id BIGINT NOT NULL REFERENCES payment (payment_id) DEFERRABLE INITIALLY DEFERRED,
    adj_seq INTEGER NOT NULL,
    provider TEXT NOT NULL,
    code TEXT NOT NULL,
    reference TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    PRIMARY KEY (payment_id, adj_seq)
);

-- The money: a journal is one event; its entries add up to nothing. Debits are positive.
CREATE TABLE IF NOT EXISTS journal (
    journal_id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,                     -- charge, uncharge, payment, claim, match, release
    claim_id TEXT,
    payment_id BIGINT,
    posted_at TEXT NOT NULL,
    posted_by TEXT NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS entry (
    journal_id BIGINT NOT NULL REFERENCES journal (journal_id) DEFERRABLE INITIALLY DEFERRED,
    entry_seq INTEGER NOT NULL,
    account TEXT NOT NULL,
    claim_id TEXT NOT NULL DEFAULT '',
    line_no INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    amount_cents BIGINT NOT NULL,
    PRIMARY KEY (journal_id, entry_seq)
);
CREATE INDEX IF NOT EXISTS entry_claim ON entry (claim_id, account);

-- What a person has to do; a denial is work until someone ends it.
CREATE TABLE IF NOT EXISTS work (
    work_id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,                     -- rejected, denied, unmatched, reversal, credit, recovery, member
    claim_id TEXT NOT NULL DEFAULT '',
    line_no INTEGER NOT NULL DEFAULT 0,
    payment_id BIGINT,
    seq INTEGER,
    codes TEXT NOT NULL DEFAULT '',
    amount_cents BIGINT NOT NULL DEFAULT 0,
    says TEXT NOT NULL,
    todo TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    due_on TEXT NOT NULL DEFAULT '',
    ended_at TEXT NOT NULL DEFAULT '',
    ended_by TEXT NOT NULL DEFAULT '',
    ended_how TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS work_claim ON work (claim_id);
CREATE INDEX IF NOT EXISTS work_open ON work (ended_at, due_on);

-- Lists that a site loaded under its own licence.
CREATE TABLE IF NOT EXISTS official_code (
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    words TEXT NOT NULL,
    since TEXT NOT NULL DEFAULT '',
    until TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, code)
);
