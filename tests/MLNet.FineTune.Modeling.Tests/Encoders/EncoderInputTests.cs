using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

[TestClass]
public sealed class EncoderInputTests
{
    [TestMethod]
    public void PadsOnTheRight()
    {
        using EncoderInput input = EncoderInput.Create([[7, 8, 9], [5]], null, TinyEncoder.Config("bert"), CPU);
        CollectionAssert.AreEqual((long[])[7, 8, 9, 5, 0, 0], input.InputIds.data<long>().ToArray());
        CollectionAssert.AreEqual((bool[])[true, true, true, true, false, false], input.Mask!.data<bool>().ToArray());
        Assert.IsNull(input.Positions, "they count up in every row");
        Assert.AreEqual((2L, 3L), (input.BatchSize, input.Length));
    }

    [TestMethod]
    public void LeavesOutWhatSaysNothing()
    {
        using EncoderInput input = EncoderInput.Create([[7, 8], [5, 6]], [[0, 0], [0, 0]], TinyEncoder.Config("roberta"), CPU);
        Assert.IsNull(input.Mask);
        Assert.IsNull(input.TokenTypeIds);
        Assert.IsNull(input.Positions);
    }

    /// <summary>As RoBERTa counts: tokens from the padding id plus one, padding at the padding id.</summary>
    [TestMethod]
    [DataRow("roberta")]
    [DataRow("xlm-roberta")]
    [DataRow("mpnet")]
    public void PositionsCountFromTheOffset(string family)
    {
        using EncoderInput input = EncoderInput.Create([[7, 8, 9], [5]], null, TinyEncoder.Config(family), CPU);
        CollectionAssert.AreEqual((long[])[7, 8, 9, 5, 1, 1], input.InputIds.data<long>().ToArray());
        CollectionAssert.AreEqual((long[])[2, 3, 4, 2, 1, 1], input.Positions!.data<long>().ToArray());
    }

    [TestMethod]
    public void SegmentsArePaddedWithZero()
    {
        using EncoderInput input = EncoderInput.Create([[7, 8, 9], [5, 6]], [[0, 1, 1], [0, 1]], TinyEncoder.Config("bert"), CPU);
        CollectionAssert.AreEqual((long[])[0, 1, 1, 0, 1, 0], input.TokenTypeIds!.data<long>().ToArray());
    }

    [TestMethod]
    [DataRow("roberta")]
    [DataRow("distilbert")]
    [DataRow("deberta-v2")]
    public void SegmentsThatTheFamilyDoesNotKnowAreLeftOut(string family)
    {
        using EncoderInput input = EncoderInput.Create([[7, 8]], [[0, 1]], TinyEncoder.Config(family), CPU);
        Assert.IsNull(input.TokenTypeIds);
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void TheLongestInputIsTaken(string family)
    {
        EncoderConfig config = TinyEncoder.Config(family);
        using var model = TinyEncoder.Model(family);
        Assert.AreEqual(20, config.MaxLength);
        // Beside a shorter row, so that positions are written out.
        Assert.HasCount(2 * TinyEncoder.Classes, TinyEncoder.Logits(model, EncoderInput.Create(TinyEncoder.Rows(1, 20, 3), null, config, CPU)));
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => EncoderInput.Create(TinyEncoder.Rows(1, 21), null, config, CPU));
        StringAssert.Contains(e.Message, "21 tokens; the encoder takes at most 20");
    }
}
