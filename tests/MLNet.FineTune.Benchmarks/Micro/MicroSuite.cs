using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace MLNet.FineTune.Benchmarks.Micro;

/// <summary>Runs the micro benchmarks and reports their means.</summary>
internal static class MicroSuite
{
    /// <returns>The exit code: 1 where nothing was measured, or not all that was chosen.</returns>
    public static int Run(string[] arguments)
    {
        using var log = new StreamWriter(Console.OpenStandardError()) { AutoFlush = true };
        IConfig config = ManualConfig.CreateEmpty()
            .AddLogger(new StreamLogger(log))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            // In this process: the native libraries are loaded here, and a project of its own would have to find them again.
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "MLNet.FineTune.Benchmarks"));
        Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(MicroSuite).Assembly).Run(arguments.Length == 0 ? ["--filter", "*"] : arguments, config)];

        var report = new Report("micro");
        foreach (BenchmarkReport benchmark in summaries.SelectMany(summary => summary.Reports))
            if (benchmark.ResultStatistics is { } statistics)
                report.Add(Name(benchmark.BenchmarkCase), statistics.Mean / 1e3, "µs", ("sd", statistics.StandardDeviation / 1e3), ("allocated_bytes", benchmark.GcStats.GetBytesAllocatedPerOperation(benchmark.BenchmarkCase)));
        report.PrintTable();
        return summaries.Length > 0 && summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(r => r.Success)) ? 0 : 1;
    }

    private static string Name(BenchmarkCase benchmark)
    {
        string parameters = benchmark.Parameters.PrintInfo;
        return $"{benchmark.Descriptor.Type.Name}.{benchmark.Descriptor.WorkloadMethod.Name}{(parameters.Length == 0 ? "" : $"({parameters})")}";
    }
}
