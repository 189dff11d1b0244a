namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class UnheldScalarsTests
{
    [TestMethod]
    public void TheLibraryMakesNone() => Assert.IsEmpty(UnheldScalars.In(typeof(TextClassificationOptions).Assembly));
}
