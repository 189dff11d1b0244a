using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>A chain asks for the schema before any row is read: mistakes about columns are found there.</summary>
[TestClass]
public sealed class ChainTests
{
    private static readonly MLContext Ml = new(7);

    [TestMethod]
    [DataRow("Body", "Label", null, "'Body'")]
    [DataRow("Weight", "Label", null, "'Weight'")]
    [DataRow("Values", "Label", null, "'Values'")]
    [DataRow("Text", "Class", null, "'Class'")]
    [DataRow("Text", "Intent", null, "MapValueToKey")]
    [DataRow("Text", "Values", null, "not a vector")]
    [DataRow("Text", "Label", "Importance", "'Importance'")]
    [DataRow("Text", "Label", "Intent", "Single or Double")]
    public void A_chain_finds_the_mistake_before_reading(string text, string label, string? weight, string says)
    {
        TextClassificationOptions options = Tiny.Options();
        (options.Sentence1ColumnName, options.LabelColumnName, options.ExampleWeightColumnName) = (text, label, weight);
        var pipeline = Ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Append(Ml.MulticlassClassification.Trainers.FineTune(options));
        var source = new CountingRows();
        IDataView data = Ml.Data.LoadFromEnumerable(source);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.GetOutputSchema(data.Schema.Shape())).Message, says);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(data)).Message, says);
        Assert.AreEqual(0, source.Read);
    }

    private sealed class CountingRows : IEnumerable<Row>
    {
        public int Read { get; private set; }

        public IEnumerator<Row> GetEnumerator()
        {
            // MapValueToKey, which comes first, would read; the mistake is found before even that.
            foreach (Row row in Rows.Make(20))
            {
                Read++;
                yield return row;
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
