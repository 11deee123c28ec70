"""The tables of the sandbox's state file."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS resellers (
    id INTEGER PRIMARY KEY, login_name TEXT NOT NULL UNIQUE,
    balance_cents INTEGER NOT NULL, currency TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS servers (
    reseller_id INTEGER NOT NULL REFERENCES resellers, validation_type TEXT NOT NULL,
    product_id INTEGER NOT NULL, description TEXT NOT NULL,
    PRIMARY KEY (reseller_id, validation_type));

CREATE TABLE IF NOT EXISTS prices (
    reseller_id INTEGER NOT NULL REFERENCES resellers, validation_type TEXT NOT NULL,
    domain_type TEXT NOT NULL, annual_cents INTEGER NOT NULL,
    PRIMARY KEY (reseller_id, validation_type, domain_type));

CREATE TABLE IF NOT EXISTS anchors (
    number TEXT PRIMARY KEY, organization TEXT NOT NULL, country TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS bindings (
    id INTEGER PRIMARY KEY, reseller_id INTEGER NOT NULL REFERENCES resellers,
    key_id TEXT NOT NULL UNIQUE, mac_key TEXT NOT NULL, validation_type TEXT NOT NULL,
    term_days INTEGER NOT NULL, reusable INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'active',
    last_activity TEXT);

CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY, binding_id INTEGER NOT NULL REFERENCES bindings,
    acme_account_id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, status_before TEXT,
    user_agent TEXT, ip_address TEXT, last_activity TEXT,
    contacts TEXT NOT NULL DEFAULT '[]', jwk TEXT, thumbprint TEXT);
CREATE INDEX IF NOT EXISTS accounts_by_binding ON accounts (binding_id);
CREATE INDEX IF NOT EXISTS accounts_by_thumbprint ON accounts (thumbprint);

CREATE TABLE IF NOT EXISTS subscriptions (
    id INTEGER PRIMARY KEY, binding_id INTEGER NOT NULL REFERENCES bindings,
    starts_at TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS subscriptions_by_binding ON subscriptions (binding_id);

-- A row stays when the name is removed: removed_at says so. parent_id points from a free name to the paid one.
CREATE TABLE IF NOT EXISTS domains (
    id INTEGER PRIMARY KEY, subscription_id INTEGER NOT NULL REFERENCES subscriptions,
    name TEXT NOT NULL, domain_type TEXT NOT NULL, parent_id INTEGER REFERENCES domains,
    anchor TEXT, added_at TEXT NOT NULL, removed_at TEXT, order_number INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_present_domain
    ON domains (subscription_id, name) WHERE removed_at IS NULL;

CREATE TABLE IF NOT EXISTS transactions (
    order_number INTEGER PRIMARY KEY, subscription_id INTEGER NOT NULL REFERENCES subscriptions,
    reseller_id INTEGER NOT NULL REFERENCES resellers, transaction_type TEXT NOT NULL,
    executed_at TEXT NOT NULL, cost_cents INTEGER NOT NULL, currency TEXT NOT NULL, debited_for INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS transactions_by_subscription ON transactions (subscription_id);

CREATE TABLE IF NOT EXISTS transaction_domains (
    order_number INTEGER NOT NULL REFERENCES transactions, domain_id INTEGER NOT NULL REFERENCES domains,
    cost_cents INTEGER NOT NULL, PRIMARY KEY (order_number, domain_id));

CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, received_at TEXT NOT NULL, login_name TEXT NOT NULL, action TEXT NOT NULL,
    quote INTEGER NOT NULL, outcome TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS acme_orders (
    id INTEGER PRIMARY KEY, acme_order_id TEXT NOT NULL UNIQUE, account_id INTEGER NOT NULL REFERENCES accounts,
    order_number INTEGER NOT NULL, status TEXT NOT NULL, status_code INTEGER NOT NULL, names TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, problem TEXT,
    certificate_id INTEGER, serial_number TEXT, not_before TEXT, not_after TEXT, chain TEXT);
CREATE INDEX IF NOT EXISTS acme_orders_by_account ON acme_orders (account_id);
CREATE INDEX IF NOT EXISTS acme_orders_by_serial ON acme_orders (serial_number);

CREATE TABLE IF NOT EXISTS acme_authorizations (
    id TEXT PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES acme_orders, identifier TEXT NOT NULL,
    wildcard INTEGER NOT NULL, status TEXT NOT NULL, token TEXT NOT NULL, expires_at TEXT NOT NULL,
    tried TEXT, validated_at TEXT, problem TEXT);
CREATE INDEX IF NOT EXISTS acme_authorizations_by_order ON acme_authorizations (order_id);
"""

# Columns that came after the first state files, and are added to those too.
ADDED_COLUMNS = (
    ("acme_authorizations", "due_at"),
    ("acme_orders", "due_at"),
    ("acme_orders", "csr"),
    ("acme_orders", "replaces"),
)
