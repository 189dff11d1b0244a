using System.Runtime.CompilerServices;
using MLNet.FineTune.Persistence;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>Makes the stand-in savable in all tests of the assembly.</summary>
internal static class FormatRegistration
{
    [ModuleInitializer]
    internal static void Register() => ClassifierFormats.Register(new BagOfWordsFormat());
}
