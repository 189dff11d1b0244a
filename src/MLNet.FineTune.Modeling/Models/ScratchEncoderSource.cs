using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Attention;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Tokenization;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

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
        using PretrainedEncoder? start = options.StartFrom?.Open(texts);
        TextTokenizer tokenizer = start?.Tokenizer ?? TrainTokenizer(texts);
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(Relative ? "MPNetModel" : "BertModel"),
            ["model_type"] = Relative ? "mpnet" : "bert",
            // Tables may have more rows than the vocabulary has tokens: of another size, they would not be taken.
            ["vocab_size"] = start?.Config.VocabularySize ?? tokenizer.VocabularySize,
            ["hidden_size"] = options.HiddenSize,
            ["num_hidden_layers"] = options.LayerCount,
            ["num_attention_heads"] = options.HeadCount,
            ["intermediate_size"] = options.IntermediateSize,
            ["max_position_embeddings"] = options.MaxLength + (Relative ? tokenizer.PadId + 1 : 0), // MPNet's rows up to the padding id are not used
            ["hidden_dropout_prob"] = options.Dropout,
            ["attention_probs_dropout_prob"] = options.Dropout,
            ["hidden_act"] = "gelu",
            ["layer_norm_eps"] = 1e-12,
            ["initializer_range"] = 0.02,
            ["pad_token_id"] = tokenizer.PadId,
        };
        if (Relative)
            json["relative_attention_num_buckets"] = options.RelativePositionBuckets;
        else
            json["type_vocab_size"] = 2;
        (EncoderFamily family, var config) = EncoderFamily.Read(json, Description);
        return new PretrainedEncoder(family, config, tokenizer, weights: null)
        {
            Pooling = PoolingMode.Mean,
            LowerCase = start?.LowerCase ?? false,
            InitializedFrom = start?.Sha256,
            Initialize = Initialize,
        };
    }

    private bool Relative => options.RelativePositionBuckets > 0;

    private void Initialize(TaskModel model)
    {
        StartLocally(model.Encoder);
        if (options.StartFrom is { } start)
            Copy(start, model);
    }

    /// <summary>Half of the heads begin by attending to the words at distance 1, 2 and so on, before and after; the rest to all alike.</summary>
    private static void StartLocally(TransformerEncoder encoder)
    {
        if (encoder.RelativeBias is not { } bias)
            return;
        // e⁵ against fifty words at 0: three quarters of the attention.
        const double Preference = 5;
        using var _ = no_grad();
        bias.Weight.zero_();
        for (int head = 0; head < encoder.Config.HeadCount / 2; head++)
        {
            int distance = (head / 2 + 1) * (head % 2 == 0 ? -1 : 1);
            bias.Weight[RelativePositions.DirectedBucket(distance, encoder.Config.RelativeBuckets), head] = Preference;
        }
    }

    private TextTokenizer TrainTokenizer(IEnumerable<string> texts)
    {
        // Every character may need two tokens, at the start of a word and inside one: so many always fit, and rarer ones are unknown.
        var trainerOptions = new WordPieceTrainerOptions { VocabularySize = options.VocabularySize };
        trainerOptions.LimitAlphabet = Math.Min(trainerOptions.LimitAlphabet, (options.VocabularySize - WordPieceTrainer.SpecialTokenCount) / 2);
        TrainedWordPiece trained = new WordPieceTrainer(trainerOptions).Train(texts);
        return TextTokenizer.Load((Relative ? trained.ForMPNet() : trained).Files, Description);
    }

    /// <summary>Copies the weights whose name and shape are the same.</summary>
    private static void Copy(EncoderSource start, TaskModel model)
    {
        using PretrainedEncoder encoder = start.Open([]);
        using TaskModel from = encoder.CreateMaskedLanguageModel(CPU, dropout: null);
        Dictionary<string, Parameter> given = from.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        using var _ = no_grad();
        foreach ((string name, Parameter parameter) in model.named_parameters())
            if (given.TryGetValue(name, out Parameter? value) && value.shape.SequenceEqual(parameter.shape))
                parameter.copy_(value);
        if (from.Encoder.Layers.Count == 0 && model.Encoder.Layers.Count > 0)
        {
            StartAsIdentity(model.Encoder);
            if (model.Head is MaskedLanguageModelHead head)
                StartUnsure(head, model.Encoder);
        }
        model.WeightsChanged();
    }

    /// <summary>Trained embeddings are long vectors, on which a fresh head would be as sure as it is wrong: its gain begins where scores have a deviation of one.</summary>
    private static void StartUnsure(MaskedLanguageModelHead head, TransformerEncoder encoder)
    {
        using Tensor squares = encoder.Embeddings.Word.Weight.Square();
        using Tensor mean = squares.mean();
        head.Norm.Weight.Fill_(1 / Math.Sqrt(encoder.Config.EmbeddingSize * Math.Max(mean.item<float>(), 1e-12)));
    }

    /// <summary>
    /// New layers on bare word embeddings begin as the identity, so that training starts from what the embeddings already
    /// give: what layers add is zero (as Zhang, Dauphin, Ma 2019, arXiv 1901.09321, start residual branches), and the gain
    /// that was learnt after the embeddings moves behind the last layer, since each layer normalises its input again.
    /// </summary>
    private static void StartAsIdentity(TransformerEncoder encoder)
    {
        foreach (TransformerLayer layer in encoder.Layers)
        {
            layer.Attention.Output.Weight.zero_();
            layer.FeedForwardOut.Weight.zero_();
        }
        LayerNorm first = encoder.Embeddings.Norm, last = encoder.Layers[^1].FeedForwardNorm;
        last.Weight.copy_(first.Weight);
        last.Bias.copy_(first.Bias);
        first.Weight.Fill_(1);
        first.Bias.zero_();
    }

    private protected override void WriteTo(JsonObject json) => throw new InvalidOperationException($"The {Description} cannot be referred to in a saved model.");
}
