using System.Runtime.CompilerServices;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>Makes the stand-in savable in all tests of the assembly, but not in child processes, which show what works with nothing registered.</summary>
internal static class FormatRegistration
{
    [ModuleInitializer]
    internal static void Register()
    {
        if (!ChildProcess.IsChild)
            RegisterStandIn();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RegisterStandIn() => ClassifierFormats.Register(new BagOfWordsFormat());
}
