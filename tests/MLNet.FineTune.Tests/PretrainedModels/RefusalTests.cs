using Microsoft.ML;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.PretrainedModels;

/// <summary>Checkpoints that are not what they are opened as, and what the library says to that.</summary>
[TestClass]
public sealed class RefusalTests
{
    private const string Names = "id2label", Classes = "architectures", Problem = "problem_type";

    private static readonly Type Damaged = typeof(InvalidDataException), Unsupported = typeof(NotSupportedException);

    private readonly MLContext _ml = new(7);

    public static IEnumerable<object?[]> Configurations =>
    [
        ["classifier", Names, """{"0":"a","1":"b","3":"c"}""", Damaged, "config.json", "none of them with the number 2", "'3'", "0 to 2"],
        ["classifier", Names, """{"0":"a","1":"b","02":"c"}""", Damaged, "none of them with the number 2"],
        ["classifier", Names, """{"0":"a","1":"b","2":"a"}""", Damaged, "label 0 and label 2", "'a'"],
        ["classifier", Names, """{"0":"a","1":null,"2":"c"}""", Damaged, "calls label 1 null", "a text"],
        ["classifier", Names, """{"0":"a","1":"b"}""", Damaged, "2 labels", "'classifier.weight'", "[3, 32]"],
        ["classifier", Names, null, Damaged, "2 labels", "'classifier.weight'", "[3, 32]"],
        ["classifier", Names, "{}", Damaged, "0 labels"],
        ["classifier", Classes, """["BertForTokenClassification"]""", Unsupported, "config.json", "BertForTokenClassification", "expected BertForSequenceClassification", "Use LoadPretrainedTokenClassifier"],
        ["classifier", Classes, """["BertForQuestionAnswering"]""", Unsupported, "Use LoadPretrainedQuestionAnswerer"],
        ["classifier", Classes, """["BertForMultipleChoice"]""", Unsupported, "BertForMultipleChoice", "expected BertForSequenceClassification"],
        ["classifier", Problem, "\"regression\"", Unsupported, "'regression'", "LoadPretrainedRegressor"],
        ["classifier", Problem, "\"multi_label_classification\"", Unsupported, "LoadPretrainedMultiLabelClassifier"],
        ["several", Problem, "\"single_label_classification\"", Unsupported, "'single_label_classification'", "LoadPretrainedClassifier"],
        ["regressor", Problem, "\"regression\"", Unsupported, "3 labels", "expected one label"],
        ["regressor", Problem, null, Unsupported, "not set", "3 labels", "LoadPretrainedClassifier"],
        ["tokens", Problem, null, Unsupported, "BertForSequenceClassification", "expected BertForTokenClassification", "LoadPretrainedRegressor"],
        ["questions", Problem, null, Unsupported, "expected BertForQuestionAnswering", "LoadPretrainedClassifier"],
        ["questions", Classes, null, Damaged, "not set", "no trained head", "of BertForQuestionAnswering, 'qa_outputs.weight' and 'qa_outputs.bias' are missing"],
    ];

    [TestMethod]
    [DynamicData(nameof(Configurations))]
    public void A_configuration_that_says_something_else(string opened, string key, string? json, Type expected, params string[] says)
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = WrittenClassifier.Write(folder.File("model"), (key, json));
        Exception found = Assert.Throws<Exception>(() => Open(opened, source).Dispose());
        Assert.AreEqual(expected, found.GetType(), found.Message);
        foreach (string part in (string[])[folder.File("model"), .. says])
            Assert.Contains(part, found.Message);
    }

    [TestMethod]
    [DataRow("classifier", "classifier.weight")]
    [DataRow("regressor", "classifier.bias")]
    [DataRow("tokens", "classifier.weight")]
    [DataRow("questions", "qa_outputs.weight")]
    public void An_encoder_without_a_head(string opened, string missing)
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = EncoderSource.FromDirectory(EncoderDirectory.Write(folder.File("encoder")));
        string message = Assert.ThrowsExactly<InvalidDataException>(() => Open(opened, source).Dispose()).Message;
        foreach (string part in (string[])[folder.File("encoder"), "BertModel", "no trained head", missing])
            Assert.Contains(part, message);
    }

    /// <summary>What is not stated is told by the tensors: no class, no kind of problem, labels with their numbers.</summary>
    [TestMethod]
    public void Little_is_needed()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = WrittenClassifier.Write(folder.File("model"), (Names, null), ("label2id", null), (Classes, null), (Problem, null), ("num_labels", "3"));
        using MulticlassTextClassificationTransformer model = _ml.FineTuning().LoadPretrainedClassifier(source, WrittenClassifier.Use());
        CollectionAssert.AreEqual((string[])["LABEL_0", "LABEL_1", "LABEL_2"], model.ClassNames.ToArray());
        using MultiLabelTextClassificationTransformer several = _ml.FineTuning().LoadPretrainedMultiLabelClassifier(source, WrittenClassifier.Use());
        CollectionAssert.AreEqual(model.ClassNames.ToArray(), several.ClassNames.ToArray());
    }

    [TestMethod]
    public void Options_out_of_range()
    {
        EncoderSource nowhere = EncoderSource.FromDirectory("nowhere");
        Says("PretrainedTextOptions.BatchSize is 0; expected at least 1", () => _ml.FineTuning().LoadPretrainedClassifier(nowhere, new PretrainedTextOptions { BatchSize = 0 }));
        Says("PretrainedTextOptions.MaxLength is 2; expected null or at least 3", () => _ml.FineTuning().LoadPretrainedClassifier(nowhere, new PretrainedTextOptions { MaxLength = 2 }));
        Says("PretrainedTextOptions.Threshold is 1", () => _ml.FineTuning().LoadPretrainedMultiLabelClassifier(nowhere, new PretrainedTextOptions { Threshold = 1 }));
        Says("PretrainedTextOptions.Sentence2ColumnName is B", () => _ml.FineTuning().LoadPretrainedTokenClassifier(nowhere, new PretrainedTextOptions { Sentence2ColumnName = "B" }));
        Says("different names", () => _ml.FineTuning().LoadPretrainedClassifier(nowhere, new PretrainedTextOptions { ScoreColumnName = "PredictedLabel" }));
        Says("PretrainedQuestionAnsweringOptions.TopK is 0; expected 1 to 1000", () => _ml.FineTuning().LoadPretrainedQuestionAnswerer(nowhere, new PretrainedQuestionAnsweringOptions { TopK = 0 }));
        Says("PretrainedQuestionAnsweringOptions.ContextColumnName is Question", () => _ml.FineTuning().LoadPretrainedQuestionAnswerer(nowhere, new PretrainedQuestionAnsweringOptions { ContextColumnName = "Question" }));
        Says("random weights", () => _ml.FineTuning().LoadPretrainedClassifier(Tiny.Encoder()));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => _ml.FineTuning().LoadPretrainedClassifier(nowhere));
        using var folder = new TemporaryFolder();
        EncoderSource source = WrittenClassifier.Write(folder.File("model"));
        Says("MaxLength is 33; expected 3 to 32", () => _ml.FineTuning().LoadPretrainedClassifier(source, new PretrainedTextOptions { MaxLength = 33 }));

        static void Says(string expected, Func<IDisposable> open) => Assert.Contains(expected, Assert.ThrowsExactly<ArgumentException>(() => open().Dispose()).Message);
    }

    private FineTunedTextTransformer Open(string opened, EncoderSource source) => opened switch
    {
        "classifier" => _ml.FineTuning().LoadPretrainedClassifier(source),
        "several" => _ml.FineTuning().LoadPretrainedMultiLabelClassifier(source),
        "regressor" => _ml.FineTuning().LoadPretrainedRegressor(source),
        "tokens" => _ml.FineTuning().LoadPretrainedTokenClassifier(source),
        _ => _ml.FineTuning().LoadPretrainedQuestionAnswerer(source),
    };
}
