namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class StrategyPartsTests
{
    /// <summary>2^k points of a Sobol sequence have one in each 2^k-th of every coordinate; coordinates beyond the table have too.</summary>
    [TestMethod]
    public void SobolPointsAreEven()
    {
        const int dimensions = 25, points = 64;
        var sequence = new SobolSequence(dimensions, new Random(3), points);
        double[][] drawn = [.. Enumerable.Range(0, points).Select(sequence.Point)];
        for (int d = 0; d < dimensions; d++)
            CollectionAssert.AreEquivalent(Enumerable.Range(0, points).ToArray(), drawn.Select(point => (int)(point[d] * points)).ToArray(), $"coordinate {d}");
        // The first two coordinates also fill every 8 × 8 box once.
        CollectionAssert.AreEquivalent(Enumerable.Range(0, points).ToArray(), drawn.Select(point => (int)(point[0] * 8) * 8 + (int)(point[1] * 8)).ToArray());
    }

    /// <summary>Direction numbers are such that no two coordinates move together.</summary>
    [TestMethod]
    public void SobolCoordinatesDiffer()
    {
        var sequence = new SobolSequence(21, new Random(1));
        double[][] drawn = [.. Enumerable.Range(0, 256).Select(sequence.Point)];
        for (int a = 0; a < 21; a++)
            for (int b = 0; b < a; b++)
                Assert.IsLessThan(0.3, Math.Abs(12 * drawn.Average(point => (point[a] - 0.5) * (point[b] - 0.5))), $"{a} and {b}");
    }

    [TestMethod]
    public void ParzenDensitiesAreDensities()
    {
        var real = new RealDimension("x", 0, 1, false, null);
        ParzenEstimator estimator = ParzenEstimator.Create(real, [0.1, 0.12, 0.8], [1, 0.5, 2]);
        double sum = Enumerable.Range(0, 10000).Average(i => estimator.Density((i + 0.5) / 10000));
        Assert.AreEqual(1, sum, 1e-3);
        var random = new Random(1);
        double[] drawn = [.. Enumerable.Range(0, 20000).Select(_ => estimator.Sample(random))];
        double expected = Enumerable.Range(0, 10000).Select(i => (i + 0.5) / 10000).Average(x => x < 0.3 ? estimator.Density(x) : 0);
        Assert.AreEqual(expected, drawn.Count(x => x < 0.3) / 20000.0, 0.02);

        var choice = new ChoiceDimension("y", ["a", "b", "c"], ordered: false, null);
        ParzenEstimator counts = ParzenEstimator.Create(choice, [0, 0, 1], [1, 1, 1]);
        Assert.AreEqual((2 + 1.0 / 3) / 4, counts.Density(0), 1e-12);
        Assert.AreEqual(1, new[] { 0, 0.5, 1 }.Sum(counts.Density), 1e-12);
    }

    [TestMethod]
    public void ChildrenStayInBoundsAndBetweenLikeParents()
    {
        ParameterSpace space = new ParameterSpaceBuilder().Real("a", 0, 1).Integer("b", 0, 9).Choice("c", 1, 2, 3).Boolean("d").Build();
        var operators = new GeneticOperators(space, new NsgaTuner());
        var unchanging = new GeneticOperators(space, new NsgaTuner { MutationProbability = 0, CrossoverProbability = 1 });
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            double[] a = space.SampleUnits(random), b = space.SampleUnits(random);
            Assert.IsTrue(operators.Child(a, b, random).All(unit => unit is >= 0 and <= 1));
            CollectionAssert.AreEqual(a, unchanging.Child(a, a, random));
            double[] child = unchanging.Child(a, b, random);
            Assert.IsTrue(child[2] == a[2] || child[2] == b[2]);
        }
        // Simulated binary crossover keeps the mean of the parents where the bounds are far.
        double mean = Enumerable.Range(0, 4000).Average(_ => unchanging.Child([0.45, 0, 0, 0], [0.55, 0, 0, 0], random)[0]);
        Assert.AreEqual(0.5, mean, 0.005);
    }

    [TestMethod]
    public void TransformsGoBack()
    {
        double[] values = [5, -1, 2, 2, 1e6, 3];
        foreach (bool copula in new[] { false, true })
        {
            var transform = new OutputTransform(values, copula);
            for (int i = 0; i < values.Length; i++)
                Assert.AreEqual(values[i], transform.Inverse(transform.Values[i]), 1e-9 * Math.Max(1, Math.Abs(values[i])));
            double[] ascending = [.. Enumerable.Range(-40, 81).Select(i => transform.Inverse(i / 10.0))];
            Assert.IsTrue(ascending.Zip(ascending.Skip(1)).All(pair => pair.First <= pair.Second));
        }
        // Of six values the lowest is at a twelfth, the two equal ones at the mean of their places, a third.
        double[] quantiles = [.. new OutputTransform(values, copula: true).Values.Select(z => MathNet.Numerics.Distributions.Normal.CDF(0, 1, z))];
        Assert.AreEqual(1.0 / 12, quantiles[1], 1e-9);
        Assert.AreEqual(2.0 / 6, quantiles[2], 1e-9);
        Assert.AreEqual(11.0 / 12, quantiles[4], 1e-9);
        CollectionAssert.AreEqual(new double[3], new OutputTransform([7, 7, 7], copula: false).Values);
    }
}
