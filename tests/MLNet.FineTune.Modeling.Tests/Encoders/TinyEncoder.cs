using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

/// <summary>Encoders of 2 layers × 16 with random weights, one of every family, and inputs for them.</summary>
internal static class TinyEncoder
{
    public const int Vocabulary = 40;
    public const int Classes = 3;
    private const int Tokens = 20;

    private static readonly Dictionary<string, Func<JsonObject>> Configs = new()
    {
        ["bert"] = () => Bert("bert"),
        ["roberta"] = () => WithOffset(Bert("roberta")),
        ["xlm-roberta"] = () => WithOffset(Bert("xlm-roberta")),
        ["distilbert"] = () => new JsonObject
        {
            ["model_type"] = "distilbert", ["vocab_size"] = Vocabulary, ["dim"] = 16, ["n_layers"] = 2, ["n_heads"] = 2, ["hidden_dim"] = 32,
            ["max_position_embeddings"] = Tokens, ["pad_token_id"] = 0, ["dropout"] = 0.0, ["attention_dropout"] = 0.0, ["seq_classif_dropout"] = 0.0,
        },
        ["mpnet"] = () => With(WithOffset(Bert("mpnet")), ("relative_attention_num_buckets", 8)),
        ["electra"] = () => With(Bert("electra"), ("embedding_size", 8)),
        ["albert"] = () => With(Bert("albert"), ("embedding_size", 8), ("num_hidden_groups", 1), ("classifier_dropout_prob", 0.0)),
        ["deberta-v2"] = () => Deberta(shareKeys: true),
    };

    public static IEnumerable<string> Families => Configs.Keys;

    /// <summary>As <see cref="Families"/>, in the form that data-driven tests take.</summary>
    public static IEnumerable<object[]> FamilyRows => Configs.Keys.Select(family => new object[] { family });

    /// <summary>A fresh <c>config.json</c>, to be changed at will.</summary>
    public static JsonObject Json(string family) => Configs[family]();

    public static EncoderConfig Config(string family) => Read(Json(family)).Config;

    public static (EncoderFamily Family, EncoderConfig Config) Read(JsonObject json) => EncoderFamily.Read(json, "config.json");

    /// <summary>A model for sequence classification with weights large enough that every part of it shows in the logits.</summary>
    public static TaskModel Model(string family, int seed = 1, PoolingMode? pooling = null) => Model(Json(family), seed, pooling);

    /// <inheritdoc cref="Model(string, int, PoolingMode?)"/>
    public static TaskModel Model(JsonObject json, int seed = 1, PoolingMode? pooling = null, TextTask task = TextTask.SequenceClassification)
    {
        (EncoderFamily family, EncoderConfig config) = Read(json);
        manual_seed(seed);
        var encoder = new TransformerEncoder(config);
        var model = new TaskModel(family, encoder, HeadFactory.Create(family, encoder, task, new(Classes, pooling)), task);
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            // Biases and norms too: a zero hides what it multiplies.
            nn.init.normal_(parameter, 0, 0.3);
            if (name.EndsWith("norm.weight", StringComparison.Ordinal))
                parameter.Add_(1);
        }
        model.eval();
        return model;
    }

    /// <summary>Rows of token ids of the given lengths, special tokens not among the random ones.</summary>
    public static int[][] Rows(int seed, params int[] lengths)
    {
        var random = new Random(seed);
        return [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(5, Vocabulary)).ToArray())];
    }

    /// <summary>Segments 0 and 1, as a pair of texts has them.</summary>
    public static int[][] Segments(int[][] rows) => [.. rows.Select(row => row.Select((_, i) => i < row.Length / 2 ? 0 : 1).ToArray())];

    /// <summary>A padded batch of four rows with segments.</summary>
    public static EncoderInput Input(EncoderConfig config)
    {
        int[][] rows = Rows(3, 9, 4, 12, 7);
        return EncoderInput.Create(rows, Segments(rows), config, CPU);
    }

    public static float[] Logits(TaskModel model) => Logits(model, Input(model.Encoder.Config));

    /// <summary>The logits of a batch, without gradients; disposes the batch.</summary>
    public static float[] Logits(TaskModel model, EncoderInput input)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using (input)
            return [.. model.Forward(input).data<float>()];
    }

    public static JsonObject Deberta(bool shareKeys) => With(
        Bert("deberta-v2"), ("relative_attention", true), ("pos_att_type", new JsonArray("p2c", "c2p")), ("max_relative_positions", -1), ("position_buckets", 4),
        ("norm_rel_ebd", "layer_norm"), ("share_att_key", shareKeys), ("position_biased_input", false), ("type_vocab_size", 0));

    public static JsonObject With(JsonObject json, params (string Key, JsonNode? Value)[] values)
    {
        foreach ((string key, JsonNode? value) in values)
            json[key] = value;
        return json;
    }

    private static JsonObject Bert(string type) => new()
    {
        ["model_type"] = type, ["vocab_size"] = Vocabulary, ["hidden_size"] = 16, ["num_hidden_layers"] = 2, ["num_attention_heads"] = 2,
        ["intermediate_size"] = 32, ["max_position_embeddings"] = Tokens, ["pad_token_id"] = 0, ["type_vocab_size"] = 2,
        ["hidden_dropout_prob"] = 0.0, ["attention_probs_dropout_prob"] = 0.0,
    };

    private static JsonObject WithOffset(JsonObject json) => With(json, ("pad_token_id", 1), ("max_position_embeddings", Tokens + 2), ("type_vocab_size", 1));
}
