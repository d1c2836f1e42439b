-- The tables of version 0001 as databases have them, which were made with it: never to be changed.
CREATE TABLE requests (
    id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    batch TEXT,
    line TEXT,
    idem TEXT,
    digest TEXT,
    keep BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    operation TEXT NOT NULL,
    model TEXT NOT NULL,
    host TEXT NOT NULL,
    prompt TEXT NOT NULL,
    folded TEXT NOT NULL,
    note JSON,
    asked JSON,
    estimate BIGINT,
    counted BIGINT,
    period BIGINT,
    created BIGINT NOT NULL,
    finished BIGINT,
    forgotten BIGINT,
    PRIMARY KEY (id),
    UNIQUE ("key", idem),
    UNIQUE (batch, line)
);
CREATE INDEX requests_in_order ON requests (created, id);
CREATE INDEX requests_of_key ON requests ("key", created, id);
CREATE INDEX requests_by_state ON requests (state, created, id);
CREATE INDEX requests_by_model ON requests (model, created, id);
CREATE INDEX requests_by_host ON requests (host, created, id);
CREATE INDEX requests_of_key_by_state ON requests ("key", state, created, id);
CREATE INDEX requests_of_key_by_model ON requests ("key", model, created, id);
CREATE INDEX requests_of_key_by_digest ON requests ("key", digest, created) WHERE digest IS NOT NULL;
CREATE TABLE attempts (
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    number INTEGER NOT NULL,
    places JSON,
    host TEXT NOT NULL,
    model TEXT NOT NULL,
    name TEXT,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    lookup JSON,
    pending JSON,
    holder TEXT,
    due FLOAT,
    tries INTEGER NOT NULL,
    charged TEXT NOT NULL,
    cost BIGINT,
    expected BIGINT,
    expected_currency TEXT,
    share BIGINT,
    currency TEXT,
    priced TEXT,
    usage JSON,
    receipt JSON,
    notes JSON,
    error JSON,
    evidence JSON,
    host_request TEXT,
    record TEXT,
    began BIGINT,
    ended BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(request) REFERENCES requests (id)
);
CREATE INDEX attempts_of_request ON attempts (request, number);
CREATE INDEX attempts_due ON attempts (due) WHERE due IS NOT NULL;
CREATE INDEX attempts_held ON attempts (holder) WHERE holder IS NOT NULL;
CREATE UNIQUE INDEX attempts_by_record ON attempts (host, record);
CREATE INDEX attempts_began ON attempts (began);
CREATE TABLE pictures (
    request TEXT NOT NULL,
    place INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    sha256 TEXT,
    media_type TEXT,
    bytes BIGINT,
    width INTEGER,
    height INTEGER,
    url TEXT,
    error JSON,
    metadata JSON,
    PRIMARY KEY (request, place),
    FOREIGN KEY(request) REFERENCES requests (id)
);
CREATE INDEX pictures_by_digest ON pictures (sha256);
CREATE TABLE inputs (
    request TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    media_type TEXT,
    bytes BIGINT,
    PRIMARY KEY (request, sha256),
    FOREIGN KEY(request) REFERENCES requests (id)
);
CREATE INDEX inputs_by_digest ON inputs (sha256);
CREATE TABLE keys (
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    hint TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT,
    settings JSON,
    rpm INTEGER,
    at_once INTEGER,
    budget BIGINT,
    currency TEXT NOT NULL,
    period TEXT NOT NULL,
    period_began BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (name),
    UNIQUE (hash)
);
CREATE TABLE secrets (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE hosts (
    name TEXT NOT NULL,
    next BIGINT NOT NULL,
    rests BIGINT,
    tried BIGINT,
    PRIMARY KEY (name)
);
CREATE TABLE places (
    call TEXT NOT NULL,
    host TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (call)
);
CREATE INDEX places_of_host ON places (host);
CREATE TABLE budgets (
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    period TEXT NOT NULL,
    began BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    PRIMARY KEY (name, currency, period, began)
);
CREATE TABLE spendings (
    call TEXT NOT NULL,
    budget TEXT NOT NULL,
    currency TEXT NOT NULL,
    period TEXT NOT NULL,
    began BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    released BOOLEAN NOT NULL,
    PRIMARY KEY (call, budget)
);
CREATE INDEX spendings_claimed ON spendings (claimed);
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES ('0001');
