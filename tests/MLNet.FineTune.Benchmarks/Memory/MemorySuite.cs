namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>Reports the samples of both measurements and how much memory grew.</summary>
internal static class MemorySuite
{
    public static void Run(MemorySettings settings)
    {
        var report = new Report("memory");
        if (settings.UnlabeledRows.Count == 0)
        {
            // Loading first: what training leaves in the allocators would hide a small leak.
            Report.Progress($"loading, scoring and disposing {settings.Cycles} times");
            Write(report, "load", "cycle", LoadingMemory.Measure(settings), LoadingMemory.GrowthStart);
            Report.Progress($"training {settings.Steps} steps");
            Write(report, "train", "step", TrainingMemory.Measure(settings), TrainingMemory.GrowthStart);
        }
        foreach (string method in SelfTrainingMemory.Methods.Keys)
            foreach (int rows in settings.UnlabeledRows)
            {
                Report.Progress($"self-training by {method} with {rows} texts without labels");
                (double peak, ProcessMemory round) = SelfTrainingMemory.Measure(settings, method, rows);
                report.Add($"selftrain/{method}/rows-{rows}", peak, "MB", ("managed_mb", round.ManagedBytes / 1e6), ("live_tensors", round.LiveTensors));
            }
        report.PrintTable();
    }

    private static void Write(Report report, string name, string unitOfTime, IReadOnlyList<ProcessMemory> samples, int growthStart)
    {
        foreach (ProcessMemory sample in samples)
            report.Add($"{name}/{unitOfTime}-{sample.At}", sample.ResidentMegabytes, "MB", ("managed_mb", sample.ManagedBytes / 1e6), ("live_tensors", sample.LiveTensors));
        ProcessMemory start = samples.First(sample => sample.At >= growthStart), end = samples[^1];
        report.Add($"{name}-growth", end.GrowthSince(start), "%", ("live_tensors", end.LiveTensors - start.LiveTensors), ("from", start.At), ("to", end.At));
    }
}
