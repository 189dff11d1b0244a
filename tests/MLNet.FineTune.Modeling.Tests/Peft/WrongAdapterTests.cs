using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Adapters that do not fit are refused with what is wrong, and the model stays as it was.</summary>
[TestClass]
public sealed class WrongAdapterTests
{
    private const string SomeTensor = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight";

    [TestMethod]
    [DataRow("""{"peft_type":"BOFT"}""", "BOFT", "LORA")]
    [DataRow("""{"peft_type":null}""", "''", "LORA")]
    [DataRow("""{"fan_in_fan_out":true}""", "fan_in_fan_out", "outputs, inputs")]
    [DataRow("""{"lora_bias":true}""", "lora_bias", "plain LoRA")]
    [DataRow("""{"exclude_modules":["key"]}""", "exclude_modules", "plain LoRA")]
    [DataRow("""{"init_lora_weights":"pissa_niter_4"}""", "pissa_niter_4", "convert")]
    [DataRow("""{"init_lora_weights":"lora_ga"}""", "lora_ga", "convert")]
    [DataRow("""{"alora_invocation_tokens":[5,6]}""", "alora_invocation_tokens", "plain LoRA")]
    [DataRow("""{"arrow_config":{"top_k":1}}""", "arrow_config", "plain LoRA")]
    [DataRow("""{"trainable_token_indices":[7]}""", "trainable_token_indices", "plain LoRA")]
    [DataRow("""{"peft_type":"ADALORA","alora_invocation_tokens":[5]}""", "alora_invocation_tokens", "plain AdaLoRA")]
    [DataRow("""{"peft_type":"VERA","bias":"vera_only"}""", "vera_only", "supported is none")]
    [DataRow("""{"peft_type":"VERA","exclude_modules":["key"]}""", "exclude_modules", "plain VeRA")]
    [DataRow("""{"peft_type":"LOHA","rank_pattern":{"query":4}}""", "rank_pattern", "plain LoHa")]
    [DataRow("""{"peft_type":"LOHA","r2":4}""", "r2", "plain LoHa")]
    [DataRow("""{"peft_type":"LOHA","use_khatri_rao":true}""", "use_khatri_rao", "plain LoHa")]
    [DataRow("""{"peft_type":"LOHA","init_weights":"abba"}""", "abba", "plain LoHa")]
    [DataRow("""{"peft_type":"LOKR","alpha_pattern":{"query":4}}""", "alpha_pattern", "plain LoKr")]
    [DataRow("""{"peft_type":"LOKR","exclude_modules":["key"]}""", "exclude_modules", "plain LoKr")]
    [DataRow("""{"peft_type":"OFT"}""", "oft_block_size", "newer versions")]
    [DataRow("""{"peft_type":"OFT","oft_block_size":8,"r":0,"coft":true}""", "coft", "plain OFT")]
    [DataRow("""{"peft_type":"OFT","oft_block_size":8,"r":0,"bias":"oft_only"}""", "oft_only", "supported is none")]
    public void VariantsThatAreNotComputed(string change, string found, string expected) => Refused<NotSupportedException>(change, AdapterFiles.ConfigFile, found, expected);

    [TestMethod]
    [DataRow("""{"peft_type":7}""", "peft_type", "7")]
    [DataRow("""{"r":0}""", "Rank", "0")]
    [DataRow("""{"r":"four"}""", "'r'", "four")]
    [DataRow("""{"r":2}""", "[8, 16]", "[2, 16]")]
    [DataRow("""{"lora_alpha":-1}""", "Alpha", "-1")]
    [DataRow("""{"lora_alpha":[8]}""", "lora_alpha", "[8]")]
    [DataRow("""{"lora_dropout":1.5}""", "Dropout", "1.5")]
    [DataRow("""{"use_dora":true}""", "missing", "lora_magnitude_vector")]
    [DataRow("""{"rank_pattern":{"query":3}}""", "[8, 16]", "[3, 16]")]
    [DataRow("""{"rank_pattern":{"query":[3]}}""", "rank_pattern", "a number")]
    [DataRow("""{"rank_pattern":[3]}""", "rank_pattern", "by module name")]
    [DataRow("""{"alpha_pattern":{"query":-3}}""", "AlphaPattern['query']", "-3")]
    [DataRow("""{"peft_type":"IA3"}""", "missing", "ia3_l")]
    [DataRow("""{"peft_type":"ADALORA","init_r":8}""", "missing", "lora_E")]
    [DataRow("""{"peft_type":"ADALORA","rank_pattern":{"query.lora_E":3}}""", "rank_pattern", "true and false")]
    [DataRow("""{"peft_type":"VERA"}""", "missing", "base_model.vera_A")]
    [DataRow("""{"peft_type":"VERA","d_initial":0}""", "InitialD", "0")]
    [DataRow("""{"peft_type":"LOHA"}""", "missing", "hada_w1_a")]
    [DataRow("""{"peft_type":"LOHA","module_dropout":1}""", "ModuleDropout", "1")]
    [DataRow("""{"peft_type":"LOKR"}""", "missing", "lokr_w1")]
    [DataRow("""{"peft_type":"LOKR","decompose_factor":0}""", "DecomposeFactor", "0")]
    [DataRow("""{"peft_type":"OFT","oft_block_size":8,"r":0}""", "missing", "oft_R.weight")]
    [DataRow("""{"peft_type":"OFT","oft_block_size":8,"r":8}""", "'r' is 8", "one of them is 0")]
    [DataRow("""{"peft_type":"OFT","oft_block_size":1,"r":0}""", "BlockSize", "2 to")]
    [DataRow("""{"use_rslora":"yes"}""", "use_rslora", "yes")]
    [DataRow("""{"bias":"some"}""", "bias", "lora_only")]
    [DataRow("""{"bias":"all"}""", "missing", "bert.embeddings.LayerNorm.bias")]
    [DataRow("""{"target_modules":null}""", "target_modules", "missing")]
    [DataRow("""{"target_modules":[1]}""", "target_modules", "list of texts")]
    [DataRow("""{"target_modules":[null]}""", "target_modules", "list of texts")]
    [DataRow("""{"target_modules":"(query"}""", "(query", "no regular expression")]
    [DataRow("""{"target_modules":"(.*a?)*((((a?)*)*)*)*b"}""", "TargetPattern", "simplify")]
    [DataRow("""{"target_modules":["nothing"]}""", "nothing", "bert.encoder.layer.0.attention.self.query")]
    [DataRow("""{"target_modules":["query","key"]}""", "missing", "self.key.lora_A")]
    [DataRow("""{"target_modules":["query"]}""", "unknown", "self.value.lora_A")]
    [DataRow("""{"layers_to_transform":[0.5]}""", "layers_to_transform", "whole numbers")]
    [DataRow("""{"layers_to_transform":"all"}""", "layers_to_transform", "a number")]
    [DataRow("""{"layers_to_transform":0}""", "unknown", "layer.1.attention.self.query.lora_A")]
    [DataRow("""{"modules_to_save":null}""", "unknown", "bert.pooler.dense.weight")]
    [DataRow("""{"modules_to_save":{}}""", "modules_to_save", "list of texts")]
    public void WrongConfigurations(string change, string found, string expected) => Refused<InvalidDataException>(change, "adapter_", found, expected);

    [TestMethod]
    public void MissingTensor() => RefusedTensors(tensors => tensors.Remove(SomeTensor), "missing", SomeTensor);

    [TestMethod]
    public void UnknownTensor() => RefusedTensors(tensors => tensors.Add("base_model.model.bert.surplus", zeros(1)), "unknown", "bert.surplus");

    [TestMethod]
    public void MisshapenTensor() => RefusedTensors(tensors => tensors[SomeTensor] = zeros(8, 15), SomeTensor, "[8, 15]", "[8, 16]");

    [TestMethod]
    public void TensorOfIntegers() => RefusedTensors(tensors => tensors[SomeTensor] = zeros(8, 16, ScalarType.Int32), SomeTensor, "floating-point");

    [TestMethod]
    [DataRow("not json")]
    [DataRow("[]")]
    [DataRow("""{"r":1,"r":2}""")]
    [DataRow("""{"peft_type":"\ud800"}""")]
    [DataRow("version https://git-lfs.github.com/spec/v1")]
    [DataRow("")]
    public void ForeignConfiguration(string text)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using TemporaryFolder folder = Saved();
        File.WriteAllText(folder.File(AdapterFiles.ConfigFile), text);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => AdapterFiles.Load(model, folder.Path)).Message, AdapterFiles.ConfigFile);
    }

    [TestMethod]
    [DataRow(AdapterFiles.ConfigFile)]
    [DataRow(AdapterFiles.WeightsFile)]
    public void MissingFile(string name)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using TemporaryFolder folder = Saved();
        File.Delete(folder.File(name));
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => AdapterFiles.Load(model, folder.Path)).Message, name);
    }

    [TestMethod]
    public void TruncatedWeights()
    {
        using TemporaryFolder folder = Saved();
        string path = folder.File(AdapterFiles.WeightsFile);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^9]);
        Refused<InvalidDataException>(folder, AdapterFiles.WeightsFile);
    }

    private static void Refused<T>(string change, params string[] parts) where T : Exception
    {
        using TemporaryFolder folder = Saved();
        string path = folder.File(AdapterFiles.ConfigFile);
        JsonObject json = JsonFile.ReadObject(path);
        foreach ((string key, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
            json[key] = value?.DeepClone();
        File.WriteAllText(path, json.ToJsonString());
        Refused<T>(folder, parts);
    }

    private static void RefusedTensors(Action<Dictionary<string, Tensor>> change, params string[] parts)
    {
        using var scope = NewDisposeScope();
        using TemporaryFolder folder = Saved();
        string path = folder.File(AdapterFiles.WeightsFile);
        Dictionary<string, Tensor> tensors;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
            tensors = file.Tensors.Keys.ToDictionary(name => name, name => file.Read(name));
        change(tensors);
        SafetensorsWriter.Write(path, tensors);
        Refused<InvalidDataException>(folder, [AdapterFiles.WeightsFile, .. parts]);
    }

    /// <summary>The adapter is refused, naming these parts; the model computes what it did, holds what it held, and takes the right adapter.</summary>
    private static void Refused<T>(TemporaryFolder folder, params string[] parts) where T : Exception
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] unchanged = TinyEncoder.Logits(model);
        long tensors = LiveTensors.Count();

        string message = Assert.ThrowsExactly<T>(() => AdapterFiles.Load(model, folder.Path)).Message;

        foreach (string part in parts)
            StringAssert.Contains(message, part);
        Assert.AreEqual(tensors, LiveTensors.Count());
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(model));
        using TemporaryFolder right = Saved();
        using PeftAdapter adapter = AdapterFiles.Load(model, right.Path);
        CollectionAssert.AreNotEqual(unchanged, TinyEncoder.Logits(model));
    }

    /// <summary>LoRA on query and value for the tiny BERT, with an update that is not zero.</summary>
    private static TemporaryFolder Saved()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Targets = TargetModules.Query | TargetModules.Value });
        using (no_grad())
            foreach (AdapterParameter parameter in adapter.Own)
                parameter.Parameter.add_(0.1);
        var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File(AdapterFiles.ConfigFile), AdapterFiles.Config(adapter)!);
        using FileStream file = File.Create(folder.File(AdapterFiles.WeightsFile));
        AdapterFiles.SaveWeights(adapter, file);
        return folder;
    }
}
