using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Encoders of the sizes that papers report on, as shapes without memory.</summary>
internal static class Published
{
    /// <summary>BERT-base, uncased, for two classes.</summary>
    public static TaskModel BertBase() => Bert(30522, 768, 12, 3072);

    /// <summary>BERT-large, cased, for two classes.</summary>
    public static TaskModel BertLarge() => Bert(28996, 1024, 24, 4096);

    /// <summary>The encoder's parameters that a method trains on a model, its own among them.</summary>
    public static long TrainedInEncoder(TaskModel model, PeftMethod method)
    {
        using PeftAdapter adapter = PeftAdapter.Attach(model, method);
        return adapter.Trainable.Where(p => p.Name.StartsWith("encoder.", StringComparison.Ordinal)).Sum(p => p.Parameter.numel());
    }

    /// <summary>Parameters of the encoder with BERT's pooler, which papers count with it.</summary>
    public static long Size(TaskModel model) => model.Encoder.parameters().Sum(p => p.numel()) + model.Encoder.Config.HiddenSize * (model.Encoder.Config.HiddenSize + 1L);

    private static TaskModel Bert(int vocabulary, int hidden, int layers, int intermediate)
    {
        (EncoderFamily family, EncoderConfig config) = EncoderFamily.Read(new JsonObject
        {
            ["model_type"] = "bert", ["vocab_size"] = vocabulary, ["hidden_size"] = hidden, ["num_hidden_layers"] = layers, ["num_attention_heads"] = hidden / 64,
            ["intermediate_size"] = intermediate, ["max_position_embeddings"] = 512, ["pad_token_id"] = 0, ["type_vocab_size"] = 2,
        }, "config.json");
        var encoder = new TransformerEncoder(config with { Device = META });
        return new TaskModel(family, encoder, HeadFactory.Create(family, encoder, TextTask.SequenceClassification, new(2)), TextTask.SequenceClassification);
    }
}
