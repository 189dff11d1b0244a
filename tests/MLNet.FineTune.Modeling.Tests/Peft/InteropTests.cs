using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Adapters that Python's peft 0.4 trained and saved.</summary>
[TestClass]
public sealed class InteropTests
{
    private const double Tolerance = 1e-4;

    [TestMethod]
    [DataRow("lora")]
    [DataRow("lora-all-linear-bias")]
    [DataRow("ia3")]
    [DataRow("adalora")]
    public void LogitsAreThoseOfPeft(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = Base();
        using PeftAdapter adapter = AdapterFiles.Load(model, Folder(name));
        using SafetensorsFile expected = SafetensorsFile.Open(SharedData.Require("fixtures", "peft", name, "expected.safetensors"));
        EncoderInput input = Input(expected);

        AssertClose(expected.Read("logits"), model.Forward(input));
        adapter.Merge();
        AssertClose(expected.Read(expected.Tensors.ContainsKey("merged.logits") ? "merged.logits" : "logits"), model.Forward(input));
        adapter.Unmerge();
        AssertClose(expected.Read("logits"), model.Forward(input));
    }

    [TestMethod]
    [DataRow("lora")]
    [DataRow("lora-all-linear-bias")]
    [DataRow("ia3")]
    [DataRow("adalora")]
    public void TrainableParametersAreThoseOfPeft(string name)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = Base();
        using PeftAdapter adapter = AdapterFiles.Load(model, Folder(name));
        using SafetensorsFile expected = SafetensorsFile.Open(SharedData.Require("fixtures", "peft", name, "expected.safetensors"));

        // peft trains a copy of the classifier, and counts the original with it.
        long twice = ((SequenceHead)model.Head).Output.parameters().Sum(p => p.numel());
        Assert.AreEqual(expected.Read("trainable").item<long>(), adapter.Trainable.Sum(p => p.Parameter.numel()) + twice);
    }

    [TestMethod]
    [DataRow("lora")]
    [DataRow("lora-all-linear-bias")]
    [DataRow("ia3")]
    [DataRow("adalora")]
    public void WhatIsSavedAgainIsWhatPeftSaved(string name)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = Base();
        using PeftAdapter adapter = AdapterFiles.Load(model, Folder(name));
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile ours = SafetensorsFile.Parse(file.ToArray(), "ours");
        using SafetensorsFile theirs = SafetensorsFile.Open(Path.Combine(Folder(name), AdapterFiles.WeightsFile));

        // With bias "all", this version of peft adds the classifier's bias under two names that it never reads.
        string[] names = [.. theirs.Tensors.Keys.Where(key => !key.Contains("modules_to_save") && !key.Contains("original_module")).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(names, ours.Tensors.Keys.Order(StringComparer.Ordinal).ToArray());
        foreach (string tensor in names)
        {
            CollectionAssert.AreEqual(theirs.Tensors[tensor].Shape.ToArray(), ours.Tensors[tensor].Shape.ToArray(), tensor);
            Assert.AreEqual(theirs.Tensors[tensor].DType, ours.Tensors[tensor].DType, tensor);
            CollectionAssert.AreEqual(theirs.Read(tensor).data<float>().ToArray(), ours.Read(tensor).data<float>().ToArray(), tensor);
        }
        Assert.AreEqual("pt", ours.Metadata["format"]);
    }

    [TestMethod]
    [DataRow("lora")]
    [DataRow("lora-all-linear-bias")]
    [DataRow("ia3")]
    [DataRow("adalora")]
    public void TheConfigurationSavedAgainIsThatOfPeft(string name)
    {
        using TaskModel model = Base();
        using PeftAdapter adapter = AdapterFiles.Load(model, Folder(name));
        JsonObject theirs = JsonFile.ReadObject(Path.Combine(Folder(name), AdapterFiles.ConfigFile));
        JsonObject ours = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");

        // A set in Python: its order means nothing.
        Sort(theirs);
        Sort(ours);
        CollectionAssert.AreEqual(theirs.Select(p => p.Key).Order().ToArray(), ours.Select(p => p.Key).Order().ToArray());
        foreach ((string key, JsonNode? value) in theirs)
            Assert.AreEqual(value?.ToJsonString() ?? "null", ours[key]?.ToJsonString() ?? "null", key); // 8 is not 8.0
    }

    [TestMethod]
    [DataRow(0.5f, 0.1f, "0.5", "0.1")]
    [DataRow(16f, 0f, "16", "0.0")]
    public void NumbersKeepPythonsTypes(float alpha, float dropout, string alphaText, string dropoutText)
    {
        using TaskModel model = Encoders.TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Alpha = alpha, Dropout = dropout, RankStabilized = true, Targets = TargetModules.Query | TargetModules.Value });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        Assert.AreEqual(alphaText, json["lora_alpha"]!.ToJsonString());
        Assert.AreEqual(dropoutText, json["lora_dropout"]!.ToJsonString());
        Assert.AreEqual("8", json["r"]!.ToJsonString());
        Assert.IsTrue(json["use_rslora"]!.GetValue<bool>());
        Assert.AreEqual(new Lora { Alpha = alpha, Dropout = dropout, RankStabilized = true, TargetPattern = ".*(?:query|value)" }, adapter.Method.ReadAdapterConfig(json, "ours"));
    }

    /// <summary>The dense layer before the classifier trains here; peft must be told, where it does not lie in the classifier.</summary>
    [TestMethod]
    [DataRow("bert", "pooler")]
    [DataRow("roberta", null)]
    [DataRow("distilbert", "pre_classifier")]
    [DataRow("mpnet", null)]
    [DataRow("electra", null)]
    [DataRow("albert", "pooler")]
    [DataRow("deberta-v2", "pooler")]
    public void TheDenseLayerOfTheHeadIsNamedForPeft(string family, string? module)
    {
        using TaskModel model = Encoders.TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora());
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        CollectionAssert.AreEqual(module is null ? null : new[] { module }, json.Texts("modules_to_save", "ours"));
    }

    private static TaskModel Base()
    {
        TaskModel model = ModelCheckpoint.Load(SharedData.Require("fixtures", "peft", "base"), TextTask.SequenceClassification);
        model.eval();
        return model;
    }

    private static string Folder(string name) => SharedData.Require("fixtures", "peft", name);

    private static EncoderInput Input(SafetensorsFile file) =>
        new(file.Read("input_ids"), file.Read("attention_mask").to(ScalarType.Bool), file.Read("token_type_ids"));

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.IsLessThanOrEqualTo(Tolerance, (expected - actual).abs().max().item<float>());

    private static void Sort(JsonObject json) => json["target_modules"] = new JsonArray([.. json.Texts("target_modules", "test")!.Order(StringComparer.Ordinal).Select(name => JsonValue.Create(name))]);
}
