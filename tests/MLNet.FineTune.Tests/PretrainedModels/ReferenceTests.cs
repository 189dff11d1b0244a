using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.PretrainedModels;

/// <summary>Checkpoints of Hugging Face's classes, opened as transformers, give what transformers gives.</summary>
[TestClass]
public sealed class ReferenceTests
{
    private const int VocabularySize = 120;
    private const double Tolerance = 1e-4;

    private readonly MLContext _ml = new(7);

    public static IEnumerable<object[]> Families => EncoderFixtures.Families().Select(family => new object[] { family });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void Texts(string family) => ForEachRow(family, "sequence", (source, words, logits) =>
    {
        using MulticlassTextClassificationTransformer model = _ml.FineTuning().LoadPretrainedClassifier(source, new PretrainedTextOptions { Sentence1ColumnName = "Text", Precision = Precision.Float32 });
        IDataView scored = _ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel").Fit(model.Transform(Data([])))
            .Transform(model.Transform(Data(words)));
        AssertClose([.. nn.functional.softmax(logits, 0).data<float>()], scored.GetColumn<float[]>("Score").Single());
        Assert.AreEqual($"LABEL_{logits.argmax().item<long>()}", scored.GetColumn<string>("Name").Single());
        var found = new float[model.ClassNames.Count];
        model.Classifier.Score([new TextInput(string.Join(' ', words))], found, null);
        AssertClose([.. logits.data<float>()], found);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void Words(string family) => ForEachRow(family, "token", (source, words, logits) =>
    {
        using TokenClassificationTransformer model = _ml.FineTuning().LoadPretrainedTokenClassifier(source, new PretrainedTextOptions { Sentence1ColumnName = "Words", Precision = Precision.Float32 });
        IDataView scored = model.Transform(Data(words));
        // The first and the last token are special.
        Tensor ofWords = logits[1..(words.Length + 1)];
        CollectionAssert.AreEqual(ofWords.argmax(1).data<long>().Select(best => (uint)best + 1).ToArray(), scored.GetColumn<uint[]>("PredictedLabel").Single());
        AssertClose([.. nn.functional.softmax(ofWords, 1).amax([1]).data<float>()], scored.GetColumn<float[]>("Score").Single());
        var found = new float[words.Length * model.ClassNames.Count];
        model.Classifier.Score([TextInput.OfWords(words)], found, null);
        AssertClose([.. ofWords.flatten().data<float>()], found);
    });

    /// <summary>
    /// The reference inputs have no special tokens of their own, and the checkpoints no tokenizer: with a vocabulary that calls a row's first and last token special, the row is what is made of
    /// the words between. Left out are rows with two token types, which are no pair.
    /// </summary>
    private static void ForEachRow(string family, string task, Action<EncoderSource, string[], Tensor> check)
    {
        string checkpoint = EncoderFixtures.Require(family, task);
        using SafetensorsFile expected = SafetensorsFile.Open(EncoderFixtures.Require(family, "expected.safetensors"));
        using DisposeScope scope = NewDisposeScope();
        Tensor ids = expected.Read("input_ids"), mask = expected.Read("attention_mask"), logits = expected.Read($"{task}.logits");
        int rows = 0;
        for (int row = 0; row < ids.shape[0]; row++)
        {
            int length = (int)mask[row].sum().item<long>();
            if (expected.Tensors.ContainsKey("token_type_ids") && expected.Read("token_type_ids")[row].any().item<bool>())
                continue;
            rows++;
            int[] tokens = [.. ids[row].data<long>().Take(length).Select(id => (int)id)];
            using var folder = new TemporaryFolder();
            foreach (string file in Directory.GetFiles(checkpoint))
                File.Copy(file, folder.File(Path.GetFileName(file)));
            string[] vocabulary = [.. Enumerable.Range(0, VocabularySize).Select(id => $"w{id}")];
            (vocabulary[tokens[0]], vocabulary[tokens[^1]]) = ("[CLS]", "[SEP]");
            foreach ((int id, string special) in Enumerable.Range(0, VocabularySize).Except(tokens).Zip((string[])["[PAD]", "[UNK]", "[MASK]"]))
                vocabulary[id] = special;
            File.WriteAllLines(folder.File("vocab.txt"), vocabulary);
            check(EncoderSource.FromDirectory(folder.Path), [.. tokens[1..^1].Select(id => vocabulary[id])], logits[row]);
        }
        Assert.IsGreaterThan(0, rows);
    }

    private IDataView Data(string[] words) => _ml.Data.LoadFromEnumerable([new Input { Text = string.Join(' ', words), Words = words }]);

    private static void AssertClose(float[] expected, float[] found)
    {
        Assert.HasCount(expected.Length, found);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], Tolerance, $"{i}");
    }

    private sealed class Input
    {
        public string Text { get; set; } = "";
        public string[] Words { get; set; } = [];
    }
}
