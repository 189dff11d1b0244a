using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Fixtures;

/// <summary>Whether native memory is freed where it should be, not when the garbage collector happens to come by.</summary>
internal static class LiveTensors
{
    /// <summary>Runs an action and checks that it left no tensor to the collector.</summary>
    /// <remarks>
    /// TorchSharp's count of tensors rises by one too much for each parameter that is made from a tensor, so it cannot be
    /// compared with the one before; that a collection does not lower it can.
    /// </remarks>
    public static void NoneLeft(Action action)
    {
        Collect();
        action();
        long after = Tensor.TotalCount;
        Collect();
        Assert.AreEqual(0, after - Tensor.TotalCount, "tensors that only the collector freed");
    }

    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
