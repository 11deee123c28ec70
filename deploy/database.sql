-- Makes the portal's user and database. The image of PostgreSQL runs it once, as its superuser, on an empty volume; on a
-- server of your own: psql --username=postgres --file=deploy/database.sql, with the password's file where it is read here.
-- The user owns that one database and can do nothing outside it.

\set ON_ERROR_STOP on
\set password `cat /run/secrets/database_password`

CREATE ROLE portal LOGIN PASSWORD :'password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE DATABASE portal OWNER portal ENCODING 'UTF8' TEMPLATE template0;

-- Without these every user may connect to every database.
REVOKE CONNECT, TEMPORARY ON DATABASE portal FROM PUBLIC;
REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
