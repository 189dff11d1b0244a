using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Embedding;

/// <summary>What is promised of the output before and after fitting, and what is refused.</summary>
[TestClass]
public sealed class EmbeddingSchemaTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow(null, false)]
    [DataRow(false, false)]
    [DataRow(true, true)]
    public void The_fitted_schema_is_what_the_estimator_promised(bool? normalize, bool normalized)
    {
        using var folder = new TemporaryFolder();
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(5));
        TextEmbeddingOptions options = TinyEmbedding.Options(EncoderDirectory.Write(folder.File("encoder")));
        options.Normalize = normalize;
        TextEmbeddingEstimator estimator = _ml.Transforms.Text.EmbedText(options);
        SchemaShape promised = estimator.GetOutputSchema(data.Schema.Shape());
        using TextEmbeddingTransformer model = estimator.Fit(data);
        DataViewSchema found = model.GetOutputSchema(data.Schema);
        CollectionAssert.AreEqual(promised.Select(column => column.Name).ToArray(), found.Select(column => column.Name).ToArray());

        SchemaShape.Column shape = promised.Single(column => column.Name == TinyEmbedding.Output);
        Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, shape.Kind, "of known size");
        Assert.AreEqual(NumberDataViewType.Single, shape.ItemType);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 32), found[TinyEmbedding.Output].Type);
        CollectionAssert.AreEqual(shape.Annotations.Select(column => column.Name).ToArray(), found[TinyEmbedding.Output].Annotations.Schema.Select(column => column.Name).ToArray());
        Assert.AreEqual(normalized, found[TinyEmbedding.Output].IsNormalized());
        // What was there is passed through untouched.
        Assert.AreEqual(data.Schema[nameof(Row.Values)].Type, found[nameof(Row.Values)].Type);
    }

    /// <summary>Estimators are made, and chains of them checked, before there is an encoder to open.</summary>
    [TestMethod]
    public void A_schema_is_promised_without_opening_the_encoder()
    {
        TextEmbeddingEstimator estimator = _ml.Transforms.Text.EmbedText(nameof(Row.Text), null, EncoderSource.FromDirectory("absent"));
        SchemaShape promised = estimator.GetOutputSchema(_ml.Data.LoadFromEnumerable(Rows.Make(1)).Schema.Shape());
        Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, promised.Single(column => column.Name == nameof(Row.Text)).Kind);
    }

    [TestMethod]
    public void Only_a_normalizing_encoder_marks_its_vectors_as_normalized()
    {
        DataViewSchema schema = _ml.Data.LoadFromEnumerable(Rows.Make(1)).Schema;
        foreach (bool normalized in (bool[])[false, true])
        {
            using var model = new TextEmbeddingTransformer(_ml, new LetterCountEmbedder(normalized: normalized), new EmbeddingColumns("Features", nameof(Row.Text)));
            Assert.AreEqual(normalized, model.GetOutputSchema(schema)["Features"].IsNormalized());
        }
    }

    [TestMethod]
    public void A_missing_column_is_named_with_those_there_are() =>
        Refused("Words", "The input column 'Words' is not in the data", "'Text'", "'Number'");

    [TestMethod]
    [DataRow(nameof(Row.Number), "Int32")]
    [DataRow(nameof(Row.Values), "Single")]
    public void A_column_that_is_not_text_is_named_with_its_type(string column, string type) =>
        Refused(column, $"The input column '{column}' must be text (String), but it is", type, "Use a column of text");

    [TestMethod]
    [DataRow("encoder", "TextEmbeddingOptions.Encoder is null; expected a source")]
    [DataRow("batch", "TextEmbeddingOptions.BatchSize is 0; expected at least 1")]
    [DataRow("length", "TextEmbeddingOptions.MaxLength is 2; expected null or at least 3")]
    [DataRow("pooling", "TextEmbeddingOptions.Pooling is 9; expected Cls, Mean, Max")]
    [DataRow("precision", "TextEmbeddingOptions.Precision is 9; expected Auto, Float32, BFloat16")]
    [DataRow("weights", "TextEmbeddingOptions.SavedWeights is 9; expected Embedded, AdapterOnly")]
    [DataRow("output", "outputColumnName")]
    [DataRow("input", "inputColumnName")]
    public void An_option_out_of_range_is_named(string option, string says)
    {
        TextEmbeddingOptions options = TinyEmbedding.Options("absent");
        switch (option)
        {
            case "encoder": options.Encoder = null!; break;
            case "batch": options.BatchSize = 0; break;
            case "length": options.MaxLength = 2; break;
            case "pooling": options.Pooling = (PoolingMode)9; break;
            case "precision": options.Precision = (Precision)9; break;
            case "weights": options.SavedWeights = (SavedWeights)9; break;
            case "output": options.OutputColumnName = ""; break;
            default: options.InputColumnName = " "; break;
        }
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => _ml.Transforms.Text.EmbedText(options)).Message, says);
    }

    [TestMethod]
    public void An_encoder_from_scratch_is_refused_when_fitted()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(5));
        TextEmbeddingEstimator estimator = _ml.Transforms.Text.EmbedText("Features", nameof(Row.Text), Tiny.Encoder());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => estimator.Fit(data)).Message, "random weights");
    }

    [TestMethod]
    public void A_missing_encoder_and_a_length_it_does_not_take_are_named()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<DirectoryNotFoundException>(() => TinyEmbedding.Fit(_ml, TinyEmbedding.Options(folder.File("absent")))).Message, folder.File("absent"));
        TextEmbeddingOptions options = TinyEmbedding.Options(EncoderDirectory.Write(folder.File("encoder")));
        options.MaxLength = 33;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TinyEmbedding.Fit(_ml, options)).Message, "is 33; expected 3 to 32");
    }

    /// <summary>By the estimator before and when fitting, and by a transformer that meets such data later.</summary>
    private void Refused(string column, params string[] says)
    {
        using var folder = new TemporaryFolder();
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(5));
        TextEmbeddingOptions options = TinyEmbedding.Options(EncoderDirectory.Write(folder.File("encoder")));
        options.InputColumnName = column;
        TextEmbeddingEstimator estimator = _ml.Transforms.Text.EmbedText(options);
        using var transformer = new TextEmbeddingTransformer(_ml, new LetterCountEmbedder(), new EmbeddingColumns("Features", column));
        foreach (Action action in (Action[])[() => estimator.GetOutputSchema(data.Schema.Shape()), () => estimator.Fit(data), () => transformer.Transform(data), () => transformer.GetOutputSchema(data.Schema)])
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message;
            foreach (string part in says)
                StringAssert.Contains(message, part);
        }
    }
}
