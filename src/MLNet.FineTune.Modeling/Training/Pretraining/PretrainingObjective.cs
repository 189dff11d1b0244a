using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>The weighted sum of the losses asked for, over one pass of the encoder for each side of the pairs.</summary>
/// <remarks>
/// Tokens are hidden on the anchor's side only: there the encoder learns from what is left, and the positive's embedding
/// is that of a whole text, as later in use.
/// </remarks>
internal sealed class PretrainingObjective(
    TaskModel model, BagOfWordsHead? bagOfWords, PretrainingOptions options, IReadOnlyList<PassagePair> rows, PassageReader reader, TokenMasking? masking, PoolingMode pooling) : ITrainingObjective
{
    private const int TextsAtOnce = 64;

    private readonly MaskedLanguageModelHead _predictor = (MaskedLanguageModelHead)model.Head;

    /// <summary>The losses of the latest batch before weighting, by name.</summary>
    public Dictionary<string, double> Latest { get; } = [];

    public Tensor Loss(int[] batch)
    {
        Random random = DrawRandom();
        bool paired = options.Contrastive is not null, embedded = paired || bagOfWords is not null;
        PassageTokens[] anchors = [.. batch.Select(row => reader.Read(rows[row].Anchor))];
        PassageTokens[] positives = paired ? [.. batch.Select(row => reader.Read(rows[row].Positive))] : [];
        // Masking writes into the anchors' ids; the losses on embeddings want the whole texts.
        int[][] texts = embedded ? [.. anchors.Select(anchor => (int[])anchor.Ids.Clone()), .. positives.Select(positive => positive.Ids)] : [];
        List<(int Position, int Id)>[]? targets = masking is null ? null : [.. anchors.Select(anchor => Mask(anchor, random))];

        Encoded encoded = Encode([.. anchors, .. positives], targets, embedded);
        Tensor? total = null;
        if (targets is not null)
            Add("mlm", functional.cross_entropy(_predictor.Predict(encoded.Hidden!), encoded.TargetIds!), options.MaskedLanguageModeling!.Weight);
        if (options.Contrastive is { } contrastive)
            Add("contrastive", Contrast(encoded.Embeddings!, texts, contrastive.Temperature), contrastive.Weight);
        if (bagOfWords is not null)
            Add("bag-of-words", bagOfWords.Loss(encoded.Embeddings!, texts, model.Encoder.ComputeType), options.BagOfWords!.Weight);
        return total!;

        void Add(string name, Tensor loss, double weight)
        {
            Latest[name] = loss.item<float>();
            Tensor weighted = weight == 1 ? loss : loss * weight;
            total = total is null ? weighted : total + weighted;
        }
    }

    /// <summary>Runs the encoder over texts in stretches of similar length, so that hardly anything of what is computed is padding.</summary>
    private Encoded Encode(PassageTokens[] texts, List<(int Position, int Id)>[]? targets, bool embedded)
    {
        int[] order = [.. Enumerable.Range(0, texts.Length).OrderBy(text => texts[text].Ids.Length)];
        var hidden = new List<Tensor>();
        var ids = new List<long>();
        var pooled = new List<Tensor>();
        foreach (int[] stretch in order.Chunk(TextsAtOnce))
        {
            using EncoderInput input = EncoderInput.Create([.. stretch.Select(text => texts[text].Ids)], null, model.Encoder.Config, model.Encoder.Config.Device);
            EncoderOutput output = model.Encoder.Forward(input);
            if (embedded)
                pooled.Add(pooling.Pool(output, input));
            var places = new List<long>();
            for (int row = 0; row < stretch.Length && targets is not null; row++)
                foreach ((int position, int id) in stretch[row] < targets.Length ? targets[stretch[row]] : [])
                {
                    places.Add(row * input.Length + position);
                    ids.Add(id);
                }
            if (places.Count > 0)
                hidden.Add(output.LastHidden.flatten(0, 1).index_select(0, tensor(places.ToArray(), device: output.LastHidden.device)));
        }
        Tensor? embeddings = null;
        if (embedded)
        {
            var inverse = new long[order.Length];
            for (int i = 0; i < order.Length; i++)
                inverse[order[i]] = i;
            embeddings = cat(pooled).index_select(0, tensor(inverse, device: pooled[0].device));
        }
        return hidden.Count == 0 ? new Encoded(embeddings, null, null) : new Encoded(embeddings, cat(hidden), tensor(ids.ToArray(), device: hidden[0].device));
    }

    private static Tensor Contrast(Tensor embeddings, int[][] texts, double temperature)
    {
        int half = texts.Length / 2;
        Tensor? alike = InBatchContrast.Alike(texts[..half], texts[half..]) is { } marks ? tensor(marks, device: embeddings.device) : null;
        return InBatchContrast.Loss(embeddings.narrow(0, 0, half), embeddings.narrow(0, half, half), temperature, alike);
    }

    private List<(int Position, int Id)> Mask(PassageTokens anchor, Random random)
    {
        var targets = new List<(int Position, int Id)>();
        masking!.Apply(anchor, random, targets);
        return targets;
    }

    /// <summary>Seeded from torch's own generator, which a checkpoint restores: so a resumed training masks as the unbroken one.</summary>
    private static Random DrawRandom()
    {
        using Tensor seed = randint(0, int.MaxValue, [1], dtype: ScalarType.Int64, device: CPU);
        return new Random((int)seed.item<long>());
    }

    /// <param name="Embeddings">Of all texts, in their order; null when not asked for.</param>
    /// <param name="Hidden">The last hidden states of the tokens to predict.</param>
    /// <param name="TargetIds">What they are.</param>
    private sealed record Encoded(Tensor? Embeddings, Tensor? Hidden, Tensor? TargetIds);
}
