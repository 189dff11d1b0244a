using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>A randomly initialised BERT of a given size, and random inputs for it.</summary>
internal sealed record SyntheticEncoder(int Layers, int Hidden, int MaxLength, int Vocabulary = 8192, int Classes = 4)
{
    public EncoderConfig Config(Device device)
    {
        JsonObject json = new()
        {
            ["model_type"] = "bert",
            ["vocab_size"] = Vocabulary,
            ["hidden_size"] = Hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Hidden / 32,
            ["intermediate_size"] = 4 * Hidden,
            ["max_position_embeddings"] = MaxLength,
        };
        return EncoderFamily.Read(json, "synthetic").Config with { Device = device };
    }

    public TaskModel Create(Device device)
    {
        EncoderFamily family = EncoderFamilies.All[0];
        var encoder = new TransformerEncoder(Config(device));
        Initialization.Normal(encoder, 0.02);
        return new TaskModel(family, encoder, HeadFactory.Create(family, encoder, TextTask.SequenceClassification, Classes), TextTask.SequenceClassification);
    }

    /// <summary>Multiply-adds of a forward pass over one token, times two.</summary>
    public double FlopsPerToken(int length) => Layers * (2.0 * 12 * Hidden * Hidden + 4.0 * length * Hidden);

    public int[][] Rows(int count, Func<Random, int> length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, length(random)).Select(_ => random.Next(5, Vocabulary)).ToArray())];
    }
}
