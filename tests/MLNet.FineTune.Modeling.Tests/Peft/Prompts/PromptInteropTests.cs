using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Prompts and prefixes that Python's peft 0.4 trained and saved.</summary>
[TestClass]
public sealed class PromptInteropTests
{
    private const double Tolerance = 1e-4;

    public static IEnumerable<object[]> Fixtures => new[] { "prefix-tuning", "prefix-tuning-projection", "prompt-tuning", "p-tuning" }.Select(name => new object[] { name });

    /// <summary>What is trained to leave these behind.</summary>
    private static readonly Dictionary<string, PeftMethod> Trained = new()
    {
        ["prefix-tuning"] = new PrefixTuning { Length = 5, Projection = false },
        ["prefix-tuning-projection"] = new PrefixTuning { Length = 5, ProjectionHiddenSize = 24 },
        ["prompt-tuning"] = new PromptTuning { Length = 5 },
        ["p-tuning"] = new PTuning { Length = 5, EncoderHiddenSize = 24 },
    };

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void LogitsAreThoseOfPeft(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = Base();
        using PeftAdapter adapter = AdapterFiles.Load(model, Folder(name));
        using SafetensorsFile expected = Expected(name);
        // Prompts were run without segments, prefixes with them.
        bool segments = name.StartsWith("prefix", StringComparison.Ordinal);
        var input = new EncoderInput(expected.Read("input_ids"), expected.Read("attention_mask").to(ScalarType.Bool), segments ? expected.Read("token_type_ids") : null);

        Assert.IsLessThanOrEqualTo(Tolerance, (expected.Read("logits") - model.Forward(input)).abs().max().item<float>());
    }

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void TrainableParametersAreThoseOfPeft(string name)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = Base();
        using PeftAdapter adapter = PeftAdapter.Attach(model, Trained[name], trainHeadDense: false);
        using SafetensorsFile expected = Expected(name);

        // peft trains a copy of the classifier, and counts the original with it.
        long twice = ((SequenceHead)model.Head).Output.parameters().Sum(p => p.numel());
        Assert.AreEqual(expected.Read("trainable").item<long>(), adapter.Trainable.Sum(p => p.Parameter.numel()) + twice);
    }

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void WhatIsSavedAgainIsWhatPeftSaved(string name)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = Base();
        using PeftAdapter adapter = AdapterFiles.Load(model, Folder(name));
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile ours = SafetensorsFile.Parse(file.ToArray(), "ours");
        using SafetensorsFile theirs = SafetensorsFile.Open(Path.Combine(Folder(name), AdapterFiles.WeightsFile));

        CollectionAssert.AreEquivalent(theirs.Tensors.Keys.ToArray(), ours.Tensors.Keys.ToArray());
        foreach (string tensor in theirs.Tensors.Keys)
        {
            CollectionAssert.AreEqual(theirs.Tensors[tensor].Shape.ToArray(), ours.Tensors[tensor].Shape.ToArray(), tensor);
            CollectionAssert.AreEqual(theirs.Read(tensor).data<float>().ToArray(), ours.Read(tensor).data<float>().ToArray(), tensor);
        }
        JsonObject config = JsonFile.ReadObject(Path.Combine(Folder(name), AdapterFiles.ConfigFile)), again = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        CollectionAssert.AreEquivalent(config.Select(p => p.Key).ToArray(), again.Select(p => p.Key).ToArray());
        foreach ((string key, JsonNode? value) in config)
            Assert.AreEqual(value?.ToJsonString() ?? "null", again[key]?.ToJsonString() ?? "null", key); // 0 is not 0.0
    }

    /// <summary>An adapter that was trained here and is finished has the keys and fields of peft's.</summary>
    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void WhatIsTrainedHereIsNamedAsInPeft(string name)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = Base();
        using PeftAdapter adapter = PeftAdapter.Attach(model, Trained[name], trainHeadDense: false).Finish();
        using SafetensorsFile theirs = SafetensorsFile.Open(Path.Combine(Folder(name), AdapterFiles.WeightsFile));

        CollectionAssert.AreEquivalent(
            theirs.Tensors.Values.Select(info => $"{info.Name} [{string.Join(", ", info.Shape)}]").ToArray(),
            AdapterFiles.Tensors(adapter).Select(tensor => $"{tensor.Key} [{string.Join(", ", tensor.Value.shape)}]").ToArray());
        CollectionAssert.AreEquivalent(
            JsonFile.ReadObject(Path.Combine(Folder(name), AdapterFiles.ConfigFile)).Select(p => p.Key).ToArray(), JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours").Select(p => p.Key).ToArray());
    }

    /// <summary>The dense layer before the classifier trains here; peft must be told, where it does not lie in the classifier.</summary>
    [TestMethod]
    [DataRow("bert", "pooler", "base_model.bert.pooler.dense.weight")]
    [DataRow("roberta", null, "base_model.classifier.dense.weight")]
    public void TheDenseLayerOfTheHeadIsNamedForPeft(string family, string? module, string tensor)
    {
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PTuningV2 { Length = 3 });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        CollectionAssert.AreEqual(module is null ? null : new[] { module }, json.Texts("modules_to_save", "ours"));
        Assert.IsTrue(AdapterFiles.Tensors(adapter).Any(t => t.Key == tensor));
        Assert.AreEqual("PREFIX_TUNING", json.Value<string>("peft_type", "ours"));
    }

    [TestMethod]
    [DataRow("prefix-tuning", """{"num_virtual_tokens":null}""", "num_virtual_tokens", "missing")]
    [DataRow("prefix-tuning", """{"num_virtual_tokens":0}""", "Length is 0", "1 to")]
    [DataRow("prefix-tuning", """{"num_virtual_tokens":4}""", "[5, 192]", "[4, 192]")]
    [DataRow("prefix-tuning", """{"num_virtual_tokens":40}""", "Length is 40", "of the 40 tokens")]
    [DataRow("prefix-tuning", """{"encoder_hidden_size":-1}""", "ProjectionHiddenSize", "-1")]
    [DataRow("prefix-tuning", """{"prefix_projection":"no"}""", "prefix_projection", "true or false")]
    [DataRow("prefix-tuning", """{"peft_type":"PROMPT_TUNING"}""", "[5, 192]", "[5, 32]")]
    [DataRow("prompt-tuning", """{"num_virtual_tokens":"five"}""", "num_virtual_tokens", "five")]
    [DataRow("p-tuning", """{"encoder_reparameterization_type":"GRU"}""", "GRU", "MLP or LSTM")]
    [DataRow("p-tuning", """{"encoder_dropout":1}""", "EncoderDropout is 1", "below 1")]
    [DataRow("p-tuning", """{"encoder_num_layers":0}""", "EncoderLayers is 0", "1 to")]
    [DataRow("p-tuning", """{"modules_to_save":["pooler"]}""", "missing", "bert.pooler.dense")]
    public void WrongConfigurationsAreRefused(string name, string change, string found, string expected) => Refused<InvalidDataException>(name, change, found, expected);

    [TestMethod]
    [DataRow("prefix-tuning")]
    [DataRow("prompt-tuning")]
    [DataRow("p-tuning")]
    public void PromptsForDecodersAreRefused(string name) => Refused<NotSupportedException>(name, """{"num_transformer_submodules":2}""", "num_transformer_submodules", "encoder");

    private static void Refused<T>(string name, string change, string found, string expected) where T : Exception
    {
        using TaskModel model = Base();
        using var folder = new TemporaryFolder();
        JsonObject json = JsonFile.ReadObject(Path.Combine(Folder(name), AdapterFiles.ConfigFile));
        foreach ((string key, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
            json[key] = value?.DeepClone();
        File.WriteAllText(folder.File(AdapterFiles.ConfigFile), json.ToJsonString());
        File.Copy(Path.Combine(Folder(name), AdapterFiles.WeightsFile), folder.File(AdapterFiles.WeightsFile));
        long tensors = LiveTensors.Count();

        string message = Assert.ThrowsExactly<T>(() => AdapterFiles.Load(model, folder.Path)).Message;

        StringAssert.Contains(message, found);
        StringAssert.Contains(message, expected);
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    private static TaskModel Base()
    {
        TaskModel model = ModelCheckpoint.Load(SharedData.Require("fixtures", "peft", "base"), TextTask.SequenceClassification);
        model.eval();
        return model;
    }

    private static string Folder(string name) => SharedData.Require("fixtures", "peft", name);

    private static SafetensorsFile Expected(string name) => SafetensorsFile.Open(SharedData.Require("fixtures", "peft", name, "expected.safetensors"));
}
