using TorchSharp;

namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>What the process holds at one moment.</summary>
/// <param name="At">After how many steps or cycles.</param>
/// <param name="ResidentBytes">Resident set size, <c>VmRSS</c> on Linux: weights, libtorch's caches and the managed heap together.</param>
/// <param name="LiveTensors">TorchSharp tensors that are not disposed.</param>
internal readonly record struct ProcessMemory(int At, long ResidentBytes, long LiveTensors)
{
    public static ProcessMemory Measure(int at) => new(at, Environment.WorkingSet, torch.Tensor.TotalCount);

    public double ResidentMegabytes => ResidentBytes / 1e6;

    /// <summary>By how many per cent the resident set is larger than at an earlier moment.</summary>
    public double GrowthSince(ProcessMemory earlier) => 100.0 * (ResidentBytes - earlier.ResidentBytes) / earlier.ResidentBytes;
}
