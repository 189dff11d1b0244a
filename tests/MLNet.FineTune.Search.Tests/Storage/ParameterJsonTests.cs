using CsCheck;

namespace MLNet.FineTune.Search.Tests.Storage;

[TestClass]
public sealed class ParameterJsonTests
{
    private static readonly Gen<object> Values = Gen.OneOf(
        Gen.Double.Where(double.IsFinite).Select(value => (object)value),
        Gen.Long.Select(value => (object)value),
        Gen.Bool.Select(value => (object)value),
        Gen.String.Where(text => !text.Any(char.IsSurrogate)).Select(value => (object)value));

    [TestMethod]
    public void Read_WhatWasWritten_IsTheSameWithItsTypes() =>
        Gen.Dictionary(Gen.String.AlphaNumeric, Values)[0, 8].Sample(values =>
        {
            IReadOnlyDictionary<string, object> read = ParameterJson.Read(ParameterJson.Write(values), "here");
            return read.Count == values.Count && values.All(pair => read[pair.Key].Equals(pair.Value));
        });

    [TestMethod]
    public void Write_EqualValues_AreEqualText()
    {
        var a = new Dictionary<string, object> { ["b"] = 1, ["a"] = 1f };
        var b = new Dictionary<string, object> { ["a"] = 1.0, ["b"] = 1L };

        Assert.AreEqual("""{"a":1.0,"b":1}""", ParameterJson.Write(a));
        Assert.AreEqual(ParameterJson.Write(a), ParameterJson.Write(b));
    }

    [TestMethod]
    public void Write_WhatCannotBeKept_NamesIt()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ParameterJson.Write(new Dictionary<string, object> { ["x"] = double.PositiveInfinity })).Message, "'x'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ParameterJson.Write(new Dictionary<string, object> { ["y"] = DateTime.UnixEpoch })).Message, "'y' is of type DateTime");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ParameterJson.Write(new Dictionary<string, object> { ["z"] = null! })).Message, "'z' is null");
    }
}
