using MLNet.FineTune.Persistence;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>Makes the stand-in savable in all tests of the assembly.</summary>
[TestClass]
public sealed class FormatRegistration
{
    [AssemblyInitialize]
    public static void Register(TestContext _) => ClassifierFormats.Register(new BagOfWordsFormat());
}
