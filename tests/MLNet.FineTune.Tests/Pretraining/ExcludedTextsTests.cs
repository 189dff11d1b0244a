using Microsoft.ML;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>What an encoder is judged by must leave no trace in it: neither in its vocabulary nor in its weights.</summary>
[TestClass]
public sealed class ExcludedTextsTests : IDisposable
{
    private const string Leaked = "Zebras parcel password tracking refund";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("zebras PARCEL, password; tracking (refund)", "help")]
    [DataRow("They say: zebras parcel password tracking refund or so.", null)]
    [DataRow("money back", "On zebras: Zebras parcel password tracking refund")]
    public void A_row_that_holds_one_is_as_if_it_were_not_there(string text, string? heading)
    {
        var row = new CorpusRow { Text = text, Heading = heading, Document = "document 3" };
        Train("without", row: null, Leaked);
        Train("excluded", row, "tracking the parcel", Leaked, "money money money money account");
        Train("kept", row, "Zebras parcel password tracking", "Zebras parcel password tracking refunds");
        ToyTexts.AssertSameFiles(_folder.File("without"), _folder.File("excluded"));
        CollectionAssert.AreNotEqual(File.ReadAllBytes(_folder.File("without/model.safetensors")), File.ReadAllBytes(_folder.File("kept/model.safetensors")));
    }

    /// <summary>Trains a new encoder on pairs of a small corpus, in the middle of which a row stands.</summary>
    private void Train(string output, CorpusRow? row, params string[] excluded)
    {
        var ml = new MLContext(7);
        List<CorpusRow> rows = [.. ToyTexts.Make(24, 1).Select((text, i) => new CorpusRow { Text = text, Document = $"document {i / 4}", Heading = $"help {i / 2}" })];
        if (row is not null)
            rows.Insert(14, row);
        var options = new EncoderPretrainingOptions { DocumentColumnName = "Document", HeadingColumnName = "Heading", ExcludedTexts = excluded, Pretraining = ToyTexts.Options() };
        options.Pretraining.Contrastive = new ContrastiveLearning();
        ml.FineTuning().Pretrain(ml.Data.LoadFromEnumerable(rows), Tiny.Encoder(), _folder.File(output), options);
    }
}
