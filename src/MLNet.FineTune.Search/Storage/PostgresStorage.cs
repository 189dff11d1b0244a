using System.Data;
using Npgsql;

namespace MLNet.FineTune.Search;

/// <summary>Trials in a PostgreSQL database. What fails for a passing reason, such as a restart of the server, is tried again.</summary>
internal sealed class PostgresStorage : RelationalStorage
{
    private const int MaxAttempts = 6;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly NpgsqlDataSource _source;
    private readonly string _name;

    private PostgresStorage(NpgsqlConnectionStringBuilder settings)
    {
        _name = $"PostgreSQL {settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}";
        _source = NpgsqlDataSource.Create(settings);
        try
        {
            Transact<object?>(write: true, session =>
            {
                session.Query($"SELECT pg_advisory_xact_lock({StorageSchema.LockKey})", _ => 0);
                bool exists = session.Query("SELECT to_regclass('finetune_schema') IS NOT NULL", reader => reader.GetBoolean(0)).Single();
                StorageSchema.Ensure(session, exists, _name);
                return null;
            });
        }
        catch
        {
            _source.Dispose();
            throw;
        }
    }

    public static PostgresStorage FromConnectionString(string connectionString) => new(new NpgsqlConnectionStringBuilder(connectionString));

    public override string ToString() => _name;

    private protected override T Transact<T>(bool write, Func<SqlSession, T> work)
    {
        for (int attempt = 1; ; attempt++)
            try
            {
                using NpgsqlConnection connection = _source.OpenConnection();
                // What writes locks its study's row first, and must then see what others committed before.
                using NpgsqlTransaction transaction = connection.BeginTransaction(write ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead);
                T result = work(new SqlSession(connection, transaction, SqlDialect.Postgres));
                transaction.Commit();
                return result;
            }
            catch (NpgsqlException e) when (e.IsTransient && attempt < MaxAttempts)
            {
                Thread.Sleep(RetryDelay * (1 << (attempt - 1)));
            }
            catch (NpgsqlException e)
            {
                throw new IOException($"{_name}: trials cannot be kept there: {e.Message}", e);
            }
    }

    private protected override void Dispose(bool disposing) => _source.Dispose();
}
