using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

/// <summary><c>config.json</c> of each family: what is read, what is refused, and what the message says.</summary>
[TestClass]
public sealed class ConfigurationTests
{
    /// <summary>The keys without which there is no model, and those whose value must be a number, flag or text.</summary>
    public static IEnumerable<object[]> Required() =>
        from family in TinyEncoder.Families
        from key in family == "distilbert"
            ? (string[])["vocab_size", "dim", "n_layers", "n_heads", "hidden_dim", "max_position_embeddings"]
            : ["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "max_position_embeddings"]
        select new object[] { family, key };

    [TestMethod]
    [DynamicData(nameof(Required))]
    public void AMissingOrWrongNumberIsNamed(string family, string key)
    {
        JsonObject json = TinyEncoder.Json(family);
        json.Remove(key);
        Invalid(json, $"'{key}'", "missing");
        JsonNode?[] wrong = [-3, 1.5, "16", true, new JsonArray(16), 3_000_000_000];
        // An encoder may have no layers: its texts are means of word embeddings.
        foreach (JsonNode? value in key == "num_hidden_layers" ? wrong : [0, .. wrong])
            Invalid(TinyEncoder.With(TinyEncoder.Json(family), (key, value!.DeepClone())), $"'{key}'", value!.ToJsonString());
    }

    [TestMethod]
    [DataRow("bert", "layer_norm_eps", "\"small\"")]
    [DataRow("bert", "hidden_dropout_prob", "-0.1")]
    [DataRow("bert", "attention_probs_dropout_prob", "\"0.1\"")]
    [DataRow("bert", "classifier_dropout", "[]")]
    [DataRow("bert", "initializer_range", "-1")]
    [DataRow("bert", "pad_token_id", "-1")]
    [DataRow("bert", "type_vocab_size", "-1")]
    [DataRow("bert", "hidden_act", "7")]
    [DataRow("bert", "is_decoder", "\"no\"")]
    [DataRow("distilbert", "dropout", "\"x\"")]
    [DataRow("distilbert", "seq_classif_dropout", "-1")]
    [DataRow("mpnet", "relative_attention_num_buckets", "3")]
    [DataRow("mpnet", "relative_attention_num_buckets", "512")]
    [DataRow("electra", "embedding_size", "0")]
    [DataRow("albert", "num_hidden_groups", "0")]
    [DataRow("albert", "inner_group_num", "\"one\"")]
    [DataRow("deberta-v2", "relative_attention", "1")]
    [DataRow("deberta-v2", "pos_att_type", "[1]")]
    [DataRow("deberta-v2", "pos_att_type", "[null]")]
    [DataRow("deberta-v2", "pos_att_type", "{}")]
    [DataRow("deberta-v2", "position_buckets", "\"4\"")]
    [DataRow("deberta-v2", "norm_rel_ebd", "1")]
    public void AWrongValueIsNamed(string family, string key, string value) =>
        Invalid(TinyEncoder.With(TinyEncoder.Json(family), (key, JsonNode.Parse(value))), $"'{key}'", JsonNode.Parse(value)!.ToJsonString());

    [TestMethod]
    [DataRow("bert", "num_attention_heads", "3", "not a multiple of the 3")]
    [DataRow("bert", "num_hidden_layers", "1001", "1001 layers")]
    [DataRow("bert", "pad_token_id", "40", "pad_token_id")]
    [DataRow("roberta", "max_position_embeddings", "2", "leave none")]
    [DataRow("albert", "num_hidden_groups", "3", "3 groups")]
    public void ValuesThatContradictEachOther(string family, string key, string value, string part) =>
        Invalid(TinyEncoder.With(TinyEncoder.Json(family), (key, JsonNode.Parse(value))), part);

    [TestMethod]
    [DataRow("bert", "model_type", "\"gpt2\"", "gpt2", "deberta-v2")]
    [DataRow("bert", "model_type", "null", "''", "bert, roberta")]
    [DataRow("bert", "position_embedding_type", "\"relative_key\"", "relative_key", "absolute")]
    [DataRow("bert", "is_decoder", "true", "is_decoder", "false")]
    [DataRow("bert", "hidden_act", "\"mish\"", "'hidden_act' is 'mish'", "gelu")]
    [DataRow("distilbert", "activation", "\"mish\"", "'activation' is 'mish'", "gelu")]
    [DataRow("albert", "inner_group_num", "2", "inner_group_num", "supported is 1")]
    [DataRow("deberta-v2", "conv_kernel_size", "3", "conv_kernel_size", "supported is 0")]
    [DataRow("deberta-v2", "embedding_size", "8", "embedding_size", "supported is 16")]
    [DataRow("deberta-v2", "relative_attention", "false", "relative_attention", "c2p")]
    [DataRow("deberta-v2", "pos_att_type", "\"p2p\"", "pos_att_type", "c2p")]
    [DataRow("deberta-v2", "pooler_hidden_act", "\"tanh\"", "pooler_hidden_act", "gelu")]
    public void WhatIsNotComputedIsRefused(string family, string key, string value, string found, string supported)
    {
        NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(() => TinyEncoder.Read(TinyEncoder.With(TinyEncoder.Json(family), (key, JsonNode.Parse(value)))));
        foreach (string part in new[] { "config.json", found, supported })
            StringAssert.Contains(e.Message, part);
    }

    /// <summary>What a key that is missing means in Hugging Face's configuration class of each family.</summary>
    [TestMethod]
    public void DefaultsAreThoseOfTheFamily()
    {
        foreach ((string family, int pad) in new[] { ("bert", 0), ("roberta", 1), ("xlm-roberta", 1), ("distilbert", 0), ("mpnet", 1), ("electra", 0), ("albert", 0), ("deberta-v2", 0) })
        {
            JsonObject json = TinyEncoder.Json(family);
            foreach (string key in new[] { "pad_token_id", "hidden_act", "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "classifier_dropout_prob" })
                json.Remove(key);
            if (family == "electra")
                json.Remove("embedding_size");
            EncoderConfig config = TinyEncoder.Read(json).Config;
            Assert.AreEqual(pad, config.PadId, family);
            Assert.AreEqual(pad == 1 ? 2 : 0, config.PositionOffset, family);
            Assert.AreEqual(20, config.MaxLength, family);
            Assert.AreEqual(family == "albert" ? Activation.GeluTanh : Activation.Gelu, config.Activation, family);
            if (family != "distilbert")
                Assert.AreEqual(family == "albert" ? 0 : 0.1, config.HiddenDropout, family);
            if (family != "distilbert")
                Assert.AreEqual(family == "albert" ? 0 : 0.1, config.AttentionDropout, family);
            if (family == "electra")
                Assert.AreEqual(128, config.EmbeddingSize);
        }
    }

    [TestMethod]
    public void EveryFamilyIsTested() => CollectionAssert.AreEquivalent(EncoderFamilies.All.Select(family => family.ModelType).ToArray(), TinyEncoder.Families.ToArray());

    /// <summary>Two ways to write the terms, and projections of their own for positions.</summary>
    [TestMethod]
    public void DebertaVariants()
    {
        using TaskModel list = TinyEncoder.Model(TinyEncoder.Deberta(shareKeys: true));
        using TaskModel text = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Deberta(shareKeys: true), ("pos_att_type", "c2p|p2c")));
        CollectionAssert.AreEqual(TinyEncoder.Logits(list), TinyEncoder.Logits(text));
        Assert.IsNull(list.Encoder.Layers[0].Attention.Disentangled!.PositionKey);

        using TaskModel own = TinyEncoder.Model(TinyEncoder.Deberta(shareKeys: false));
        Assert.AreEqual("deberta.encoder.layer.1.attention.self.pos_key_proj", own.Names.Module("encoder.layers.1.attention.disentangled.position_key"));
        Assert.AreEqual("deberta.encoder.layer.1.attention.self.pos_query_proj", own.Names.Module("encoder.layers.1.attention.disentangled.position_query"));
        CollectionAssert.AreNotEqual(TinyEncoder.Logits(list), TinyEncoder.Logits(own));

        using TaskModel one = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Deberta(shareKeys: false), ("pos_att_type", new JsonArray("c2p"))));
        Assert.IsNull(one.Encoder.Layers[0].Attention.Disentangled!.PositionQuery);
        Assert.AreEqual(2, one.Encoder.Config.Disentangled!.ScaleFactor);
        Assert.HasCount(4 * TinyEncoder.Classes, TinyEncoder.Logits(one));
    }

    /// <summary>ALBERT's groups: logical layer i is computed by group ⌊i · groups / layers⌋.</summary>
    [TestMethod]
    public void AlbertGroups()
    {
        JsonObject json = TinyEncoder.With(TinyEncoder.Json("albert"), ("num_hidden_layers", 6), ("num_hidden_groups", 2));
        EncoderConfig config = TinyEncoder.Read(json).Config;
        CollectionAssert.AreEqual((int[])[0, 0, 0, 1, 1, 1], Enumerable.Range(0, 6).Select(config.PhysicalLayer).ToArray());
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(json);
        Assert.HasCount(2, model.Encoder.Layers);
        using EncoderInput input = TinyEncoder.Input(config);
        Assert.HasCount(7, model.Encoder.Forward(input, allHiddenStates: true).HiddenStates);
    }

    /// <summary>The module owns its weights; nothing else of the construction stays alive.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void DisposingAModelFreesItsWeights(string family)
    {
        long tensors = LiveTensors.Count();
        using (TaskModel model = TinyEncoder.Model(family))
            TinyEncoder.Logits(model);
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    private static void Invalid(JsonObject json, params string[] parts)
    {
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => TinyEncoder.Read(json));
        foreach (string part in parts.Prepend("config.json"))
            StringAssert.Contains(e.Message, part);
    }
}
