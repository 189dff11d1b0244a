namespace MLNet.FineTune.Search.Tests.Spaces;

[TestClass]
public sealed class ParameterValuesTests
{
    [TestMethod]
    [DataRow(0.1f, 0.1)]
    [DataRow(-2.5e-5f, -2.5e-5)]
    [DataRow(1e-30f, 1e-30)]
    [DataRow(float.MaxValue, 3.4028235e38)]
    public void SinglesAreTheDecimalNumberThatTheyPrintAs(float single, double expected) => Assert.AreEqual(expected, ParameterValues.Normalize("x", single));
}
