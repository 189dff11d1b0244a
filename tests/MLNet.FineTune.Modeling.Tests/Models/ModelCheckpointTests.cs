using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>Checkpoints of the tiny BERT, changed in one thing each.</summary>
[TestClass]
public sealed class ModelCheckpointTests
{
    private const string Query = "bert.encoder.layer.0.attention.self.query.weight";

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void WhatIsWrittenIsReadBack(string family)
    {
        // The head of text embeddings has no tensors to be written.
        foreach (TextTask task in Enum.GetValues<TextTask>().Except([TextTask.TextEmbedding]))
        {
            using TemporaryFolder folder = Write(TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json(family), ("num_labels", TinyEncoder.Classes)), task: task));
            using TaskModel expected = TinyEncoder.Model(TinyEncoder.Json(family), task: task);
            using TaskModel loaded = ModelCheckpoint.Load(folder.Path, task);
            loaded.eval();
            CollectionAssert.AreEqual(TinyEncoder.Logits(expected), TinyEncoder.Logits(loaded), $"{task}");
        }
    }

    [TestMethod]
    public void MissingExtraAndMisshapenTensorsAreListedTogether()
    {
        using var scope = NewDisposeScope();
        using TemporaryFolder folder = Write(TinyEncoder.Model("bert"), tensors =>
        {
            tensors.Remove(Query);
            tensors.Remove("classifier.bias");
            tensors["bert.extra.weight"] = zeros(1);
            tensors["bert.embeddings.word_embeddings.weight"] = zeros(41, 16);
            tensors["classifier.weight"] = zeros(3, 16, ScalarType.Int64);
        });
        string message = Refused(folder);
        foreach (string part in new[] { "model.safetensors", $"2 missing: {Query}, classifier.bias", "1 unknown: bert.extra.weight", "word_embeddings.weight has shape [41, 16], expected [40, 16]", "classifier.weight has type Int64" })
            StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void LongListsAreCut()
    {
        using var scope = NewDisposeScope();
        using TemporaryFolder folder = Write(TinyEncoder.Model("bert"), tensors => { foreach (string name in tensors.Keys.Where(name => name.EndsWith(".bias", StringComparison.Ordinal)).ToList()) tensors.Remove(name); });
        StringAssert.Matches(Refused(folder), new("[0-9]+ missing: .* and [0-9]+ more"));
    }

    [TestMethod]
    public void NamesWithoutTheFamilysPrefix()
    {
        using var scope = NewDisposeScope();
        float[] expected;
        using (TaskModel model = TinyEncoder.Model("bert"))
            expected = TinyEncoder.Logits(model);
        using TemporaryFolder folder = Write(TinyEncoder.Model("bert"), tensors => Rename(tensors, name => name.Replace("bert.", "", StringComparison.Ordinal)));
        using TaskModel loaded = Load(folder);
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(loaded));
    }

    [TestMethod]
    public void GammaAndBeta()
    {
        using var scope = NewDisposeScope();
        float[] expected;
        using (TaskModel model = TinyEncoder.Model("bert"))
            expected = TinyEncoder.Logits(model);
        using TemporaryFolder folder = Write(TinyEncoder.Model("bert"), tensors => Rename(tensors, name => name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal)));
        using (TaskModel loaded = Load(folder))
            CollectionAssert.AreEqual(expected, TinyEncoder.Logits(loaded));

        using TemporaryFolder both = Write(TinyEncoder.Model("bert"), tensors => tensors["bert.embeddings.LayerNorm.gamma"] = ones(16));
        StringAssert.Contains(Refused(both), "two names of one tensor");
    }

    [TestMethod]
    [DataRow(ScalarType.Float64, 1e-6)]
    [DataRow(ScalarType.Float16, 2e-2)]
    [DataRow(ScalarType.BFloat16, 0.2)]
    public void OtherFloatingPointTypes(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        float[] expected;
        using (TaskModel model = TinyEncoder.Model("bert"))
            expected = TinyEncoder.Logits(model);
        using TemporaryFolder folder = Write(TinyEncoder.Model("bert"), tensors => { foreach (string name in tensors.Keys.ToList()) tensors[name] = tensors[name].to(type); });
        using TaskModel loaded = Load(folder);
        Assert.IsTrue(loaded.parameters().All(p => p.dtype == ScalarType.Float32), "master weights are float32");
        Assert.IsLessThan(tolerance, expected.Zip(TinyEncoder.Logits(loaded)).Max(pair => Math.Abs(pair.First - pair.Second)));
    }

    /// <summary>An encoder beside another task's head: the head is left alone, the dense layer before the classifier is taken.</summary>
    [TestMethod]
    public void HeadsOfOtherTasksAreLeftAlone()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert", seed: 5);
        using TemporaryFolder folder = Write(TinyEncoder.Model("bert"), tensors =>
        {
            tensors["classifier.weight"] = zeros(99, 16);
            tensors["cls.predictions.bias"] = zeros(40);
            tensors["bert.embeddings.position_ids"] = zeros(1, 20, ScalarType.Int64);
        });
        using ITensorSource source = CheckpointDirectory.OpenWeights(folder.Path);
        Tensor output = model.get_parameter("head.output.weight")!.detach().clone();

        ModelCheckpoint.LoadWeights(model, source, HeadWeights.Fresh);

        Assert.IsTrue(output.eq(model.get_parameter("head.output.weight")!).all().item<bool>(), "the classifier stays fresh");
        Assert.IsTrue(source.Read("bert.pooler.dense.weight").eq(model.get_parameter("head.dense.weight")!).all().item<bool>());
        Assert.IsTrue(source.Read(Query).eq(model.get_parameter("encoder.layers.0.attention.query.weight")!).all().item<bool>());
    }

    /// <summary>An output matrix of its own is not computed; where the configuration says that it is the word table, its copy in the file says nothing.</summary>
    [TestMethod]
    public void AHeadForHiddenTokensWithAMatrixOfItsOwnIsRefused()
    {
        using var scope = NewDisposeScope();
        foreach (bool? tied in new bool?[] { null, true, false })
        {
            using TemporaryFolder folder = Write(
                TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json("bert"), ("tie_word_embeddings", tied)), task: TextTask.MaskedLanguageModel),
                tensors => tensors["cls.predictions.decoder.weight"] = rand(40, 16));
            if (tied == false)
            {
                NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(() => ModelCheckpoint.Load(folder.Path, TextTask.MaskedLanguageModel));
                StringAssert.Contains(e.Message, "tie_word_embeddings");
                StringAssert.Contains(e.Message, "cls.predictions.decoder.weight");
            }
            else
            {
                ModelCheckpoint.Load(folder.Path, TextTask.MaskedLanguageModel).Dispose();
            }
        }
    }

    [TestMethod]
    public void ARefusedCheckpointChangesAndLeavesNothing()
    {
        using TemporaryFolder folder = Write(TinyEncoder.Model("bert"), tensors => tensors.Remove(Query));
        using TaskModel model = TinyEncoder.Model("bert", seed: 5);
        float[] unchanged = TinyEncoder.Logits(model);
        long tensors = LiveTensors.Count();
        using (ITensorSource source = CheckpointDirectory.OpenWeights(folder.Path))
            Assert.ThrowsExactly<InvalidDataException>(() => ModelCheckpoint.LoadWeights(model, source, HeadWeights.Required));
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(model));
        Refused(folder);
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    [TestMethod]
    [DataRow("id2label", "{}", "0 labels")]
    [DataRow("num_labels", "-4", "-4 labels")]
    [DataRow("num_labels", "\"two\"", "num_labels")]
    public void LabelCounts(string key, string value, string part)
    {
        using TemporaryFolder folder = Write(TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json("bert"), (key, System.Text.Json.Nodes.JsonNode.Parse(value)))));
        StringAssert.Contains(Refused(folder), part);
    }

    [TestMethod]
    public void AFolderWithoutConfiguration()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => ModelCheckpoint.Load(folder.Path, TextTask.SequenceClassification)).Message, "config.json");
    }

    private static TaskModel Load(TemporaryFolder folder)
    {
        TaskModel model = ModelCheckpoint.Load(folder.Path, TextTask.SequenceClassification);
        model.eval();
        return model;
    }

    private static string Refused(TemporaryFolder folder) =>
        Assert.ThrowsExactly<InvalidDataException>(() => ModelCheckpoint.Load(folder.Path, TextTask.SequenceClassification)).Message;

    private static void Rename(Dictionary<string, Tensor> tensors, Func<string, string> rename)
    {
        foreach ((string name, Tensor tensor) in tensors.ToList())
        {
            tensors.Remove(name);
            tensors.Add(rename(name), tensor);
        }
    }

    /// <summary>Writes a model, which it disposes, as Hugging Face lays it out.</summary>
    private static TemporaryFolder Write(TaskModel model, Action<Dictionary<string, Tensor>>? change = null)
    {
        using var scope = NewDisposeScope();
        using (model)
        {
            var folder = new TemporaryFolder();
            EncoderConfig config = model.Encoder.Config;
            if (!config.Source.ContainsKey("id2label") && !config.Source.ContainsKey("num_labels"))
                TinyEncoder.With(config.Source, ("num_labels", TinyEncoder.Classes));
            File.WriteAllText(folder.File("config.json"), config.Source.ToJsonString());
            var tensors = model.named_parameters().ToDictionary(p => model.Names.Tensor(p.name), p => (Tensor)p.parameter);
            change?.Invoke(tensors);
            SafetensorsWriter.Write(folder.File(CheckpointDirectory.Safetensors), tensors);
            return folder;
        }
    }
}
