-- Once, on the first primary; then give each a password: \password replicator, and so on.
CREATE ROLE replicator LOGIN REPLICATION;
CREATE ROLE observer LOGIN IN ROLE pg_monitor;
CREATE ROLE rewinder LOGIN;
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO rewinder;
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO rewinder;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO rewinder;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO rewinder;
