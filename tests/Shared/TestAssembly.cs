using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests;

[TestClass]
public static class TestAssembly
{
    /// <summary>One thread: results are the same everywhere, and test processes side by side do not wait for each other's cores.</summary>
    [AssemblyInitialize]
    public static void Initialize(TestContext context)
    {
        NativeBackend.EnsureLoaded();
        set_num_threads(1);
    }
}
