#!/bin/sh
# Saves the portal's database in PostgreSQL, or puts a saved one in its place, by PostgreSQL's own tools:
#
#     backup.sh save [FILE]      whole or not at all; without FILE under the time of UTC in /backups
#     backup.sh restore FILE     in one transaction: where it fails the database is as it was
#
# libpq's variables say where it is (PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD); PGPASSWORD_FILE names the password's
# file. What is saved holds password hashes, people's data and encrypted keys: only its owner can read it.
set -eu
umask 077
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    PGPASSWORD=$(cat "$PGPASSWORD_FILE")
    export PGPASSWORD
fi

case "${1:-}" in
save)
    file=${2:-/backups/portal-$(date -u +%Y%m%dT%H%M%SZ).dump}
    trap 'rm -f "$file.partial"' EXIT
    pg_dump --format=custom --no-owner --no-privileges --no-password --file="$file.partial"
    pg_restore --list "$file.partial" >/dev/null
    mv "$file.partial" "$file"
    echo "$file"
    ;;
restore)
    file=${2:?which file}
    script=$(mktemp)
    trap 'rm -f "$script"' EXIT
    others="SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'"
    count=$(psql --no-psqlrc --no-password --tuples-only --no-align --command="$others")
    if [ "$count" -ne 0 ]; then
        echo "Nothing was changed: $count others are connected. Stop web, workers and beat first." >&2
        exit 3
    fi
    # What later versions have added goes as well: the backup's own version knows nothing of it.
    cat >"$script" <<'SQL'
DO $$
DECLARE
    what text;
BEGIN
    FOR what IN SELECT format('TABLE %I', tablename) FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE 'DROP ' || what || ' CASCADE';
    END LOOP;
    FOR what IN SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
        EXECUTE 'DROP ' || what || ' CASCADE';
    END LOOP;
END
$$;
SQL
    pg_restore --no-owner --no-privileges --file=- "$file" >>"$script"
    psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --single-transaction --file="$script" >/dev/null
    ;;
*)
    sed -n '2,8p' "$0" >&2
    exit 2
    ;;
esac
