using System.Reflection;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune.Tests.Losses.Consistency;

[TestClass]
public sealed class ConsistencyTextTests
{
    private static readonly ConsistencyRegularization[] All = [new RDrop(), new Smart()];

    [TestMethod]
    public void EveryRegularizationHasAName()
    {
        CollectionAssert.AreEquivalent(typeof(RDrop).Assembly.GetTypes().Where(type => type.BaseType == typeof(ConsistencyRegularization)).ToArray(), All.Select(record => record.GetType()).ToArray());
        foreach (ConsistencyRegularization record in All)
        {
            Assert.AreEqual(record.RegularizationName, record.Format());
            Assert.AreEqual(record, ConsistencyRegularization.Parse(record.Format()));
        }
    }

    [TestMethod]
    [DataRow("r-drop(weight=0.5)", "r-drop(weight=0.5)")]
    [DataRow("RDrop()", "r-drop")]
    [DataRow("smart(epsilon=1e-3, ascent_steps=2, proximal-weight=1)", "smart(epsilon=0.001, ascent_steps=2, proximal_weight=1)")]
    public void Texts(string text, string expected)
    {
        ConsistencyRegularization record = ConsistencyRegularization.Parse(text);
        Assert.AreEqual(record, ConsistencyRegularization.Parse(record.Format()));
        Assert.AreEqual(ConsistencyRegularization.Parse(expected), record);
        Assert.AreEqual(expected, record.Format());
    }

    [TestMethod]
    public void SearchRangesStartAtTheDefaultsAndHoldOnlyValidValues()
    {
        foreach (Type type in All.Select(record => record.GetType()))
            foreach (PropertyInfo option in type.GetProperties().Where(option => option.CanWrite))
            {
                RangeAttribute range = option.GetCustomAttribute<RangeAttribute>()!;
                var record = (ConsistencyRegularization)Activator.CreateInstance(type)!;
                Assert.AreEqual(range.Init, option.GetValue(record), $"{type.Name}.{option.Name}");
                foreach (object value in new[] { range.Init, range.Min, range.Max })
                {
                    option.SetValue(record, value);
                    record.Validate();
                }
            }
    }

    public static IEnumerable<object[]> Invalid =>
    [
        [new RDrop { Weight = 0 }, "RDrop.Weight is 0; expected a number above 0."],
        [new Smart { Weight = double.NaN }, "Smart.Weight is NaN; expected a number above 0."],
        [new Smart { Epsilon = -1 }, "Smart.Epsilon is -1; expected a number above 0."],
        [new Smart { NoiseDeviation = 0 }, "Smart.NoiseDeviation is 0; expected a number above 0."],
        [new Smart { AscentSteps = -1 }, "Smart.AscentSteps is -1; expected at least 0."],
        [new Smart { StepSize = double.PositiveInfinity }, "Smart.StepSize is Infinity; expected a number above 0."],
        [new Smart { ProximalWeight = -1 }, "Smart.ProximalWeight is -1; expected a finite number of 0 or more."],
        [new Smart { ProximalMomentum = 1 }, "Smart.ProximalMomentum is 1; expected at least 0 and below 1."],
    ];

    [TestMethod]
    [DynamicData(nameof(Invalid))]
    public void OptionsAreChecked(ConsistencyRegularization record, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<ArgumentException>(record.Validate).Message);
}
