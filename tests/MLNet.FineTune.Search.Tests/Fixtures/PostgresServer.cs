using System.Diagnostics;
using Npgsql;

namespace MLNet.FineTune.Search.Tests.Fixtures;

/// <summary>
/// A private PostgreSQL server in a temporary folder, reached through a Unix socket; started by the first test that
/// asks. Skips that test where the server is not installed or cannot be started.
/// </summary>
[TestClass]
public static class PostgresServer
{
    private const string User = "finetune";

    // PostgreSQL refuses to run as root.
    private const string Unprivileged = "nobody";

    private static readonly Lock Gate = new();
    private static readonly Lazy<string?> Binaries = new(FindBinaries);
    private static DirectoryInfo? _folder;
    private static Process? _process;
    private static string? _problem;
    private static int _schemas;

    /// <summary>The connection string of a schema that nobody else uses.</summary>
    public static string CreateSchema()
    {
        lock (Gate)
        {
            if (_process is null && _problem is null)
                _problem = Start();
            if (_problem is not null)
                Assert.Inconclusive($"Skipped: {_problem}");
            string schema = $"test_{++_schemas}";
            string server = Address();
            using var connection = new NpgsqlConnection(server + ";Pooling=false");
            connection.Open();
            using NpgsqlCommand command = connection.CreateCommand();
            command.CommandText = $"CREATE SCHEMA {schema}";
            command.ExecuteNonQuery();
            return $"{server};Search Path={schema}";
        }
    }

    [AssemblyCleanup]
    public static void Stop()
    {
        _process?.Kill(entireProcessTree: true);
        _process?.WaitForExit();
        _process?.Dispose();
        _folder?.Delete(recursive: true);
    }

    private static string Address() => $"Host={_folder!.FullName};Username={User};Database=postgres";

    /// <returns>What keeps the server from running; null when it runs.</returns>
    private static string? Start()
    {
        if (OperatingSystem.IsWindows())
            return "a PostgreSQL server of its own is started on Linux and macOS only.";
        if (Binaries.Value is not { } binaries)
            return "needs postgres and initdb, which are neither in PATH nor in /usr/lib/postgresql.";
        _folder = Directory.CreateTempSubdirectory("finetune-pg-");
        string data = Path.Combine(_folder.FullName, "data");
        if (Environment.IsPrivilegedProcess && Run("chown", [Unprivileged, _folder.FullName]) is { } chown)
            return chown;
        if (Run([Path.Combine(binaries, "initdb"), "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]) is { } initdb)
            return initdb;
        // timeout: should the tests be killed, the server does not stay for ever.
        _process = Process.Start(Unprivilege(["timeout", "900", Path.Combine(binaries, "postgres"), "-D", data, "-k", _folder.FullName, "-h", "", "-F", "-c", "log_min_messages=panic"]))!;
        for (var wait = Stopwatch.StartNew(); wait.Elapsed < TimeSpan.FromSeconds(30); Thread.Sleep(50))
            if (CanConnect())
                return null;
            else if (_process.HasExited)
                break;
        return $"{binaries}/postgres does not start.";
    }

    private static bool CanConnect()
    {
        try
        {
            using var connection = new NpgsqlConnection(Address() + ";Pooling=false");
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string? Run(string[] command) => Run(Unprivilege(command));

    private static string? Run(string program, string[] arguments) => Run(Quiet(program, arguments));

    /// <returns>What went wrong; null when nothing did.</returns>
    private static string? Run(ProcessStartInfo start)
    {
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{start.FileName} {string.Join(' ', start.ArgumentList)} failed: {error}{output.Result}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"{start.FileName} does not start: {e.Message}";
        }
    }

    private static ProcessStartInfo Unprivilege(string[] command) => Environment.IsPrivilegedProcess
        ? Quiet("setpriv", ["--reuid", Unprivileged, "--regid", "nogroup", "--clear-groups", .. command])
        : Quiet(command[0], command[1..]);

    private static ProcessStartInfo Quiet(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Path.GetTempPath(),
    };

    private static string? FindBinaries()
    {
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] packaged = Directory.Exists("/usr/lib/postgresql") ? [.. Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin"))] : [];
        return packaged.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")));
    }
}
