namespace MLNet.FineTune.Search;

/// <summary>What databases write differently; all other statements are the same for all.</summary>
/// <param name="Now">Milliseconds since 1970 by the database's clock.</param>
/// <param name="LockRow">What keeps others from a selected row until the transaction ends; empty where a transaction that writes is alone anyway.</param>
internal sealed record SqlDialect(string Now, string LockRow)
{
    public static SqlDialect Sqlite { get; } = new("CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS BIGINT)", "");

    public static SqlDialect Postgres { get; } = new("CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)", " FOR UPDATE");
}
