using System.Diagnostics;

namespace MLNet.FineTune.Tests.Samples;

/// <summary>A sample, run as its user runs it: as a process of its own, in a folder of its own.</summary>
internal sealed class SampleProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _error;

    private SampleProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <param name="sample">Name of the sample's folder and program.</param>
    /// <param name="folder">The current directory of the process.</param>
    /// <param name="arguments">Its arguments.</param>
    public static SampleProcess Start(string sample, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable(sample), arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // As the tests themselves: the same sums on every machine.
            Environment = { ["OMP_NUM_THREADS"] = "1" },
        };
        return new SampleProcess(Process.Start(start)!);
    }

    /// <summary>Runs a sample to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string sample, string folder, params string[] arguments)
    {
        using SampleProcess process = Start(sample, folder, arguments);
        return await process.EndAsync();
    }

    /// <summary>Reads the output up to a line that starts with a text.</summary>
    public async Task ReadUntilAsync(string lineStart)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            if (line.StartsWith(lineStart, StringComparison.Ordinal))
                return;
        Assert.Fail($"The sample ended before it wrote '{lineStart}…': {await _error}");
    }

    /// <summary>Asks the process to end, as a shell or a service manager does; not on Windows.</summary>
    public void Terminate()
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]);
        kill.WaitForExit();
        Assert.AreEqual(0, kill.ExitCode);
    }

    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        string output = await _process.StandardOutput.ReadToEndAsync(limit.Token);
        await _process.WaitForExitAsync(limit.Token);
        return (_process.ExitCode, output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    /// <summary>The sample built in the configuration of the tests: output folders of all projects end alike.</summary>
    private static string Executable(string sample)
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        string name = OperatingSystem.IsWindows() ? sample + ".exe" : sample;
        string path = Path.Combine([SharedData.RepositoryRoot, "samples", sample, .. parts[Array.LastIndexOf(parts, "bin")..], name]);
        Assert.IsTrue(File.Exists(path), $"There is no {path}; the test project builds it.");
        return path;
    }
}
