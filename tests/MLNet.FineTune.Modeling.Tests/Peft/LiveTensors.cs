using TorchSharp;

namespace MLNet.FineTune.Tests;

/// <summary>Counts tensors that were made on this thread and that nobody has disposed; what is left to the collector counts as alive.</summary>
internal static class LiveTensors
{
    // Tensor.TotalCount counts each Parameter twice and never takes the second back.
    public static long Count() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
}
