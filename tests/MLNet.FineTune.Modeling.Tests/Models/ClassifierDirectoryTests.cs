using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>Read back by <see cref="ModelCheckpoint"/>, which takes no tensor more and none less than Hugging Face's models have.</summary>
[TestClass]
public sealed class ClassifierDirectoryTests
{
    private static readonly string[] Labels = ["no", "yes", "\u2603"];

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void Every_family_is_read_as_it_was(string family)
    {
        foreach (TextTask task in new[] { TextTask.SequenceClassification, TextTask.TokenClassification })
        {
            using var folder = new TemporaryFolder();
            using TaskModel model = TinyEncoder.Model(TinyEncoder.Json(family), pooling: PoolingMode.Cls, task: task);
            ClassifierDirectory.Write(folder.File("model"), model, TinyVocabulary.Load(("vocab.txt", TinyTexts.Vocabulary)), Labels);
            using TaskModel read = ModelCheckpoint.Load(folder.File("model"), task);
            read.eval();
            CollectionAssert.AreEqual(TinyEncoder.Logits(model), TinyEncoder.Logits(read), $"{task}");
            JsonNode config = JsonNode.Parse(File.ReadAllText(folder.File("model/config.json")))!;
            StringAssert.EndsWith((string)config["architectures"]![0]!, $"For{task}");
            CollectionAssert.AreEqual(Labels, Labels.Select((_, i) => (string?)config["id2label"]![$"{i}"]).ToArray());
            Assert.AreEqual(task == TextTask.SequenceClassification ? "single_label_classification" : null, (string?)config["problem_type"]);
        }
    }

    [TestMethod]
    public void A_head_that_transformers_has_not_is_refused()
    {
        using var folder = new TemporaryFolder();
        using TaskModel model = TinyEncoder.Model("bert", pooling: PoolingMode.Mean);
        NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(() => ClassifierDirectory.Write(folder.File("model"), model, TinyVocabulary.Load(("vocab.txt", TinyTexts.Vocabulary)), Labels));
        StringAssert.Contains(e.Message, "pooling Mean");
        StringAssert.Contains(e.Message, "Pooling = PoolingMode.Cls");
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }
}
