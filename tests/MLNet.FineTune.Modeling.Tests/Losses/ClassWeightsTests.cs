using MLNet.FineTune.Losses;

namespace MLNet.FineTune.Tests.Losses;

[TestClass]
public sealed class ClassWeightsTests
{
    [TestMethod]
    public void BalancedClassesHaveEqualTotals()
    {
        float[] weights = ClassWeights.Balanced([0, 0, 0, 0, 0, 0, 1, 1, 3], 4);
        CollectionAssert.AreEqual((float[])[0.5f, 1.5f, 1f, 3f], weights); // 9 rows, 3 classes present
    }

    [TestMethod]
    public void OptionsDecide()
    {
        int[] labels = [0, 0, 0, 1];
        Assert.IsNull(ClassWeights.FromOptions(new TrainingOptions(), labels, 2));
        CollectionAssert.AreEqual(ClassWeights.Balanced(labels, 2), ClassWeights.FromOptions(new TrainingOptions { ClassWeighting = ClassWeighting.Balanced }, labels, 2));
        float[] own = [1, 5];
        Assert.AreSame(own, ClassWeights.FromOptions(new TrainingOptions { ClassWeighting = ClassWeighting.Balanced, ClassWeights = own }, labels, 2));
    }

    [TestMethod]
    public void TheWrongNumberOfWeightsIsAnError() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ClassWeights.FromOptions(new TrainingOptions { ClassWeights = [1, 2, 3] }, [0, 1], 2)).Message,
            "has 3 weights; expected 2");
}
