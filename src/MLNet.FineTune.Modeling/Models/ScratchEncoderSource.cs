using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Models;

/// <summary>A BERT-like encoder with random weights, and a vocabulary made from the texts it is trained on.</summary>
internal sealed class ScratchEncoderSource(ScratchEncoderOptions options) : EncoderSource
{
    public override string Description => $"new encoder, {options.LayerCount} layers of {options.HiddenSize}";

    internal override string Kind => "scratch";

    internal override string GetDirectory() => throw new InvalidOperationException($"The {Description} has no files: it exists only once it is trained.");

    internal override PretrainedEncoder Open(IEnumerable<string> texts)
    {
        options.Validate();
        // Every character may need two tokens, at the start of a word and inside one: so many always fit, and rarer ones are unknown.
        var trainerOptions = new WordPieceTrainerOptions { VocabularySize = options.VocabularySize };
        trainerOptions.LimitAlphabet = Math.Min(trainerOptions.LimitAlphabet, (options.VocabularySize - WordPieceTrainer.SpecialTokenCount) / 2);
        var trainer = new WordPieceTrainer(trainerOptions);
        TextTokenizer tokenizer = TextTokenizer.Load(trainer.Train(texts).Files, Description);
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("BertModel"),
            ["model_type"] = "bert",
            ["vocab_size"] = tokenizer.VocabularySize,
            ["hidden_size"] = options.HiddenSize,
            ["num_hidden_layers"] = options.LayerCount,
            ["num_attention_heads"] = options.HeadCount,
            ["intermediate_size"] = options.IntermediateSize,
            ["max_position_embeddings"] = options.MaxLength,
            ["hidden_dropout_prob"] = options.Dropout,
            ["attention_probs_dropout_prob"] = options.Dropout,
            ["hidden_act"] = "gelu",
            ["layer_norm_eps"] = 1e-12,
            ["initializer_range"] = 0.02,
            ["pad_token_id"] = tokenizer.PadId,
            ["type_vocab_size"] = 2,
        };
        (EncoderFamily family, var config) = EncoderFamily.Read(json, Description);
        return new PretrainedEncoder(family, config, tokenizer, weights: null) { Pooling = PoolingMode.Mean };
    }

    private protected override void WriteTo(JsonObject json) => throw new InvalidOperationException($"The {Description} cannot be referred to in a saved model.");
}
