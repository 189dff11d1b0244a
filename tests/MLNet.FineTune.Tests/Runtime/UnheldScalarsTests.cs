namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class UnheldScalarsTests
{
    [TestMethod]
    [DataRow(typeof(TextClassificationOptions))]
    [DataRow(typeof(PeftSearchOptions))]
    public void TheLibraryMakesNone(Type type)
    {
        string[] found = UnheldScalars.In(type.Assembly);
        Assert.IsEmpty(found, string.Join('\n', found));
    }
}
