using System.Data.Common;
using Npgsql;

namespace MLNet.FineTune.Search;

/// <summary>Tells from a connection string which storage is meant.</summary>
internal static class StorageAddress
{
    private static readonly string[] UriSchemes = ["postgres", "postgresql"];
    private static readonly string[] PlaceKeywords = ["Host", "Server", "Data Source", "DataSource", "Filename"];

    public static SearchStorage Open(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        if (UriSchemes.Any(scheme => connectionString.StartsWith(scheme + "://", StringComparison.OrdinalIgnoreCase)))
            return PostgresStorage.FromConnectionString(FromUri(connectionString));
        if (Keywords(connectionString) is not { } keywords)
            return SqliteStorage.FromPath(connectionString);
        if (keywords.ContainsKey("Host") || keywords.ContainsKey("Server"))
            return PostgresStorage.FromConnectionString(connectionString);
        return SqliteStorage.FromConnectionString(connectionString);
    }

    /// <summary>Null for what is no list of <c>keyword=value</c> that names a host or a file: a path may have an equals sign too.</summary>
    private static DbConnectionStringBuilder? Keywords(string text)
    {
        try
        {
            var builder = new DbConnectionStringBuilder { ConnectionString = text };
            return PlaceKeywords.Any(builder.ContainsKey) ? builder : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Npgsql reads keywords only. A query's keys are Npgsql's keywords too, with an underscore or without: <c>?sslmode=require</c>, <c>?host=/run/postgresql</c>.</summary>
    internal static string FromUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri))
            throw new ArgumentException("The connection string begins like an address of PostgreSQL and is none; expected postgres://user:password@host:port/database.");
        var builder = new NpgsqlConnectionStringBuilder();
        if (uri.Host.Length > 0)
            builder.Host = uri.Host;
        if (uri.Port > 0)
            builder.Port = uri.Port;
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } database)
            builder.Database = Uri.UnescapeDataString(database);
        string[] user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (string pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            builder[Uri.UnescapeDataString(parts[0]).Replace('_', ' ')] = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        }
        return builder.ConnectionString;
    }
}
