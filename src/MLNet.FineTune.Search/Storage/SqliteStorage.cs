using Microsoft.Data.Sqlite;

namespace MLNet.FineTune.Search;

/// <summary>Trials in a SQLite file, or in memory. One connection, used by one thread at a time.</summary>
internal sealed class SqliteStorage : RelationalStorage
{
    // What a worker waits for others' transactions, which take milliseconds, unless the connection string says 'Default Timeout'.
    private const int BusySeconds = 60;

    private const int ErrorBusy = 5;
    private const int ErrorLocked = 6;
    private const int ErrorReadOnly = 8;
    private const int ErrorInputOutput = 10;
    private const int ErrorCorrupt = 11;
    private const int ErrorFull = 13;
    private const int ErrorCannotOpen = 14;
    private const int ErrorNotADatabase = 26;

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly string _name;

    private SqliteStorage(SqliteConnectionStringBuilder settings, string name)
    {
        settings.Pooling = false;
        if (!settings.ShouldSerialize("Default Timeout"))
            settings.DefaultTimeout = BusySeconds;
        _name = name;
        _connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            Translate(Initialize);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public static SqliteStorage ForMemory() => new(new SqliteConnectionStringBuilder { DataSource = ":memory:" }, "memory");

    public static SqliteStorage FromPath(string path) => From(new SqliteConnectionStringBuilder { DataSource = path });

    public static SqliteStorage FromConnectionString(string connectionString) => From(new SqliteConnectionStringBuilder(connectionString));

    public override string ToString() => _name;

    private protected override T Transact<T>(bool write, Func<SqlSession, T> work)
    {
        lock (_gate)
            return Translate(() =>
            {
                // Not deferred: BEGIN IMMEDIATE, so that what was read holds until what is written.
                using SqliteTransaction transaction = _connection.BeginTransaction(deferred: !write);
                T result = work(new SqlSession(_connection, transaction, SqlDialect.Sqlite));
                transaction.Commit();
                return result;
            });
    }

    private protected override void Dispose(bool disposing)
    {
        lock (_gate)
            _connection.Dispose();
    }

    private static SqliteStorage From(SqliteConnectionStringBuilder settings)
    {
        if (settings.DataSource.Length == 0 || settings.DataSource == ":memory:" || settings.Mode == SqliteOpenMode.Memory)
            return ForMemory();
        settings.DataSource = Path.GetFullPath(settings.DataSource);
        Directory.CreateDirectory(Path.GetDirectoryName(settings.DataSource)!);
        return new SqliteStorage(settings, settings.DataSource);
    }

    private object? Initialize()
    {
        _connection.Open();
        using (SqliteCommand command = _connection.CreateCommand())
        {
            command.CommandText = $"PRAGMA busy_timeout = {_connection.DefaultTimeout * 1000}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
            command.ExecuteNonQuery();
        }
        return Transact<object?>(write: true, session =>
        {
            bool exists = session.Query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'finetune_schema'", reader => reader.GetInt64(0)).Count > 0;
            StorageSchema.Ensure(session, exists, _name);
            return null;
        });
    }

    private T Translate<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is ErrorNotADatabase or ErrorCorrupt)
        {
            throw new InvalidDataException($"{_name}: the file is not a SQLite database, or is damaged: {e.Message}", e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is ErrorBusy or ErrorLocked)
        {
            throw new IOException($"{_name}: another process has held the database for {_connection.DefaultTimeout} seconds: {e.Message}", e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is ErrorCannotOpen or ErrorReadOnly or ErrorFull or ErrorInputOutput)
        {
            throw new IOException($"{_name}: trials cannot be kept there: {e.Message}", e);
        }
    }
}
