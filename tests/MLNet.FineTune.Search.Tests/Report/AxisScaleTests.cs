namespace MLNet.FineTune.Search.Tests.Report;

[TestClass]
public sealed class AxisScaleTests
{
    [TestMethod]
    public void OfNumbers_SmallRange_IsLinearWithRoundTicks()
    {
        AxisScale scale = AxisScale.OfNumbers([0.1, 0.9, double.NaN]);

        Assert.AreEqual(0.5, scale.Position(0.5)!.Value, 1e-12);
        Assert.IsNull(scale.Position(double.NaN));
        CollectionAssert.AreEqual(new[] { "0.2", "0.4", "0.6", "0.8" }, scale.Ticks.Select(tick => tick.Label).ToArray());
        Assert.AreEqual(0.125, scale.Ticks[0].Position, 1e-12);
    }

    [TestMethod]
    public void OfNumbers_OrdersOfMagnitude_IsLogarithmic()
    {
        AxisScale scale = AxisScale.OfNumbers([1e-6, 1e-1]);

        Assert.AreEqual(0.5, scale.Position(Math.Pow(10, -3.5))!.Value, 1e-9);
        CollectionAssert.AreEqual(new[] { "1E-06", "1E-05", "0.0001", "0.001", "0.01", "0.1" }, scale.Ticks.Select(tick => tick.Label).ToArray());
    }

    [TestMethod]
    public void OfNumbers_FewDecades_HaveTicksBetween() =>
        CollectionAssert.AreEqual(new[] { "500", "1000", "2000", "5000", "10000", "20000" }, AxisScale.OfNumbers([400, 20_000]).Ticks.Select(tick => tick.Label).ToArray());

    [TestMethod]
    public void Of_NumbersThatSomeLack_AreInOrderAboveAPlaceForNone()
    {
        AxisScale scale = AxisScale.Of([8L, 16L, null, 12L]);

        Assert.AreEqual(0, scale.Position(null));
        Assert.AreEqual(1, scale.Position(16L));
        Assert.IsGreaterThan(0, scale.Position(8L)!.Value);
        Assert.AreEqual((scale.Position(8L)!.Value + 1) / 2, scale.Position(12L)!.Value, 1e-12);
        Assert.AreEqual("–", scale.Ticks[0].Label);
    }

    [TestMethod]
    public void OfNumbers_OneValue_IsInTheMiddle() => Assert.AreEqual(0.5, AxisScale.OfNumbers([3, 3]).Position(3.0));

    [TestMethod]
    public void Of_TextsAndAbsent_LieSideBySide()
    {
        AxisScale scale = AxisScale.Of(["b", "a", null, true]);

        CollectionAssert.AreEqual(new[] { "a", "b", "true", "–" }, scale.Ticks.Select(tick => tick.Label).ToArray());
        Assert.AreEqual(0, scale.Position("a"));
        Assert.AreEqual(1, scale.Position(null));
        Assert.IsNull(scale.Position("c"));
    }

    [TestMethod]
    public void OfNumbers_AnyRange_HasAFewTicksInside()
    {
        var random = new Random(2);
        for (int i = 0; i < 500; i++)
        {
            double low = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 13)), high = low + Math.Pow(10, random.Next(-12, 13)) * random.NextDouble();
            AxisScale scale = AxisScale.OfNumbers([low, high]);
            Assert.IsLessThanOrEqualTo(12, scale.Ticks.Count);
            Assert.IsTrue(scale.Ticks.All(tick => tick.Position is >= -1e-9 and <= 1 + 1e-9), $"{low} to {high}");
        }
    }
}
