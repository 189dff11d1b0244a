using TorchSharp;

namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>What the process holds at one moment.</summary>
/// <param name="At">After how many steps or cycles.</param>
/// <param name="ResidentBytes">Resident set size, <c>VmRSS</c> on Linux: weights, libtorch's caches and the managed heap together.</param>
/// <param name="ManagedBytes">What of it the managed heap has committed.</param>
/// <param name="LiveTensors">Tensors that this thread has made less those that it has disposed.</param>
/// <remarks><c>Tensor.TotalCount</c> does not serve: a parameter counts twice when it is made and once when it is disposed (TorchSharp 0.107).</remarks>
internal readonly record struct ProcessMemory(int At, long ResidentBytes, long ManagedBytes, long LiveTensors)
{
    public static ProcessMemory Measure(int at) => new(at, Environment.WorkingSet, GC.GetGCMemoryInfo().TotalCommittedBytes, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);

    public double ResidentMegabytes => ResidentBytes / 1e6;

    /// <summary>By how many per cent the resident set is larger than at an earlier moment.</summary>
    public double GrowthSince(ProcessMemory earlier) => 100.0 * (ResidentBytes - earlier.ResidentBytes) / earlier.ResidentBytes;
}
