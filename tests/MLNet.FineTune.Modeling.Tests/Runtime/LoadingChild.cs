using System.Runtime.CompilerServices;
using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Runtime;

/// <summary>Turns the test executable into a process that loads the native libraries, says which, and ends.</summary>
internal static class LoadingChild
{
    /// <summary>Set in such processes only.</summary>
    public const string Variable = "MLNET_FINETUNE_TEST_LOAD";

    [ModuleInitializer]
    public static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 })
            return;
        try
        {
            NativeBackend.EnsureLoaded();
            using Tensor two = ones(2).sum();
            Console.WriteLine($"{NativeBackend.Description}: {two.item<float>()}");
            Environment.Exit(0);
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine(e.Message);
            Environment.Exit(1);
        }
    }
}
