using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class FineTuneInputsTests
{
    /// <summary>Methods that take tokens of their own leave texts fewer, which matters to long texts only.</summary>
    [TestMethod]
    public void TextsAreTokenisedAgainOnlyWhereTheMaximumLengthCuts()
    {
        using FineTuneInputs inputs = FineTuneInputs.Open(TinyTexts.Task() with { Validation = TinyTexts.Test });
        var whole = inputs.Tokenize(24, default);
        int longest = Math.Max(whole.Rows.Batches.Lengths.Max(), whole.Validation!.Batches.Lengths.Max());
        Assert.IsLessThan(20, longest);
        Assert.AreSame(whole.Rows, inputs.Tokenize(20, default).Rows);
        Assert.AreSame(whole.Validation, inputs.Tokenize(longest, default).Validation);

        var cut = inputs.Tokenize(longest - 2, default);
        Assert.AreEqual(longest - 2, Math.Max(cut.Rows.Batches.Lengths.Max(), cut.Validation!.Batches.Lengths.Max()));
        using FineTuneInputs anew = FineTuneInputs.Open(TinyTexts.Task() with { Validation = TinyTexts.Test });
        anew.Tokenize(longest - 2, default);
        EncodedTexts after = anew.Tokenize(24, default).Rows;
        CollectionAssert.AreEqual(whole.Rows.Batches.Lengths, after.Batches.Lengths, "what was cut is tokenised anew");
    }
}
