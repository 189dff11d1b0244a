using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Transformers;

[TestClass]
public sealed class SoftmaxTests
{
    [TestMethod]
    public void Apply_gives_the_exponentials_over_their_sum()
    {
        float[] p = new float[3];
        Softmax.Apply([0f, MathF.Log(2), MathF.Log(5)], p);
        Assert.AreEqual(1.0 / 8, p[0], 1e-7);
        Assert.AreEqual(2.0 / 8, p[1], 1e-7);
        Assert.AreEqual(5.0 / 8, p[2], 1e-7);
    }

    [TestMethod]
    public void Apply_does_not_overflow()
    {
        float[] p = new float[2];
        Softmax.Apply([3e38f, -3e38f], p);
        CollectionAssert.AreEqual(new float[] { 1, 0 }, p);
    }

    [TestMethod]
    public void OfDifference_is_the_two_class_softmax()
    {
        float[] p = new float[2];
        foreach (float difference in (float[])[-90, -3.5f, 0, 0.25f, 40])
        {
            Softmax.Apply([1, 1 + difference], p);
            Assert.AreEqual(p[1], Softmax.OfDifference(difference), 1e-6f);
        }
    }

    [TestMethod]
    public void IndexOfLargest_takes_the_first_of_equals_and_refuses_NaN()
    {
        Assert.AreEqual(1, Softmax.IndexOfLargest([1, 3, 3, 2]));
        Assert.AreEqual(0, Softmax.IndexOfLargest([0, 0]));
        Assert.AreEqual(-1, Softmax.IndexOfLargest([5, float.NaN]));
    }
}
