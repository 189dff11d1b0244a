namespace MLNet.FineTune.Search;

/// <summary>The tables, and their version. Times are milliseconds since 1970, UTC.</summary>
internal static class StorageSchema
{
    public const int Version = 1;

    /// <summary>Any number that nobody else uses for advisory locks.</summary>
    public const long LockKey = 0x66_69_6E_65_74_75_6E_65;

    private static readonly string[] Tables =
    [
        "CREATE TABLE finetune_schema (version BIGINT NOT NULL)",
        """
        CREATE TABLE finetune_studies (
            name TEXT NOT NULL PRIMARY KEY,
            objectives TEXT NOT NULL,
            settings TEXT NOT NULL,
            version BIGINT NOT NULL,
            stop_requested BIGINT NOT NULL,
            created BIGINT NOT NULL,
            finished BIGINT)
        """,
        """
        CREATE TABLE finetune_trials (
            study TEXT NOT NULL REFERENCES finetune_studies (name) ON DELETE CASCADE,
            number BIGINT NOT NULL,
            state TEXT NOT NULL,
            parameters TEXT NOT NULL,
            attributes TEXT NOT NULL,
            objective_values TEXT,
            error TEXT,
            worker TEXT,
            token BIGINT NOT NULL,
            lease_expires BIGINT,
            attempts BIGINT NOT NULL,
            started BIGINT,
            ended BIGINT,
            version BIGINT NOT NULL,
            PRIMARY KEY (study, number))
        """,
        "CREATE INDEX finetune_trials_version ON finetune_trials (study, version)",
        """
        CREATE TABLE finetune_reports (
            study TEXT NOT NULL,
            number BIGINT NOT NULL,
            step BIGINT NOT NULL,
            value DOUBLE PRECISION,
            PRIMARY KEY (study, number, step),
            FOREIGN KEY (study, number) REFERENCES finetune_trials (study, number) ON DELETE CASCADE)
        """,
    ];

    /// <summary>Creates the tables where <paramref name="exists"/> is false.</summary>
    /// <param name="session">A transaction in which nobody else creates them.</param>
    /// <param name="exists">Whether the table of the version is there.</param>
    /// <param name="storage">Names the storage in errors.</param>
    /// <exception cref="InvalidDataException">The tables are of a newer version.</exception>
    public static void Ensure(SqlSession session, bool exists, string storage)
    {
        if (!exists)
        {
            foreach (string table in Tables)
                session.Execute(table);
            session.Execute("INSERT INTO finetune_schema (version) VALUES (@version)", ("version", (long)Version));
        }
        List<long> versions = session.Query("SELECT version FROM finetune_schema", reader => reader.GetInt64(0));
        if (versions is not [long version])
            throw new InvalidDataException($"{storage}: table finetune_schema has {versions.Count} rows; expected one, with the version.");
        if (version != Version)
            throw new InvalidDataException($"{storage} has trials in format {version}; this version of MLNet.FineTune.Search knows format {Version}. {(version > Version ? "Update the package, or" : "Please")} use another storage.");
    }
}
