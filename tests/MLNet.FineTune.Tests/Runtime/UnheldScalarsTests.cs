namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class UnheldScalarsTests
{
    [TestMethod]
    public void TheLibraryMakesNone()
    {
        string[] found = UnheldScalars.In(typeof(TextClassificationOptions).Assembly);
        Assert.IsEmpty(found, string.Join('\n', found));
    }
}
