using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tokenization;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Measures the masked-language-model loss of an encoder on texts before and after fine-tuning (what Shuttleworth et al. 2024, arXiv 2410.21228, call forgetting).</summary>
internal static class Forgetting
{
    private const int TextsAtOnce = 32;

    /// <param name="pretrained">The checkpoint, with the head that predicts tokens; that head is used for both.</param>
    /// <param name="tuned">A model that was fine-tuned from it, with the adapters that are on it, which score.</param>
    /// <param name="texts">Texts like those of the pretraining.</param>
    /// <param name="maxLength">Longest text in tokens; null for the longest that the encoder takes.</param>
    /// <param name="seed">Decides which tokens are hidden.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    /// <exception cref="ArgumentException">There is nothing to predict in the texts.</exception>
    /// <exception cref="NotSupportedException">The checkpoint has no head that predicts tokens, or its tokenizer no mask token.</exception>
    public static ForgettingReport Measure(
        PretrainedEncoder pretrained, TaskModel tuned, IReadOnlyList<TextInput> texts, int? maxLength = null, int seed = 0, Action? checkAlive = null)
    {
        if (!pretrained.HasMaskedHead)
            throw new NotSupportedException("The checkpoint has no head that predicts hidden tokens, so that what its encoder knows of them cannot be measured.");
        var masking = new TokenMasking(new MaskedLanguageModeling(), pretrained.Tokenizer);
        using TaskModel before = pretrained.CreateMaskedLanguageModel(tuned.Encoder.Config.Device, dropout: 0);
        using Head head = CopyHead(before.Head, tuned);
        bool training = tuned.training;
        before.eval();
        tuned.eval();
        try
        {
            Encoding[] rows = texts.Encode(pretrained.Tokenizer, pretrained.LowerCase, maxLength ?? pretrained.MaxLength, default);
            double lossBefore = 0, lossAfter = 0;
            int count = 0;
            using var _ = no_grad();
            foreach ((Encoding[] batch, int index) in rows.Chunk(TextsAtOnce).Select((batch, index) => (batch, index)))
            {
                checkAlive?.Invoke();
                using var scope = NewDisposeScope();
                (int[][] masked, List<(int, int)>[] targets) = Mask(batch, masking, SeededRandom.Create(seed, index));
                int tokens = targets.Sum(places => places.Count);
                if (tokens == 0)
                    continue;
                lossBefore += tokens * Loss(before.Encoder, before.Head, masked, targets);
                lossAfter += tokens * Loss(tuned.Encoder, head, masked, targets);
                count += tokens;
            }
            return count > 0 ? new ForgettingReport(lossBefore / count, lossAfter / count, count) : throw new ArgumentException("The texts have no known token that could be hidden.", nameof(texts));
        }
        finally
        {
            tuned.train(training);
        }
    }

    /// <summary>The head predicts with the word embeddings of its encoder: the fine-tuned one needs its own.</summary>
    private static Head CopyHead(Head head, TaskModel tuned)
    {
        Head copy = HeadFactory.Create(tuned.Names.Family, tuned.Encoder, TextTask.MaskedLanguageModel, default);
        using var _ = no_grad();
        foreach (var (target, source) in copy.parameters().Zip(head.parameters()))
            target.copy_(source);
        copy.eval();
        return copy;
    }

    private static (int[][] Masked, List<(int Position, int Id)>[] Targets) Mask(Encoding[] rows, TokenMasking masking, Random random)
    {
        int[][] masked = [.. rows.Select(row => (int[])row.Ids.Clone())];
        List<(int, int)>[] targets = [.. rows.Select(_ => new List<(int, int)>())];
        for (int i = 0; i < rows.Length; i++)
            masking.Apply(new PassageTokens(masked[i], new bool[masked[i].Length]), random, targets[i]);
        return (masked, targets);
    }

    private static double Loss(TransformerEncoder encoder, Head head, int[][] masked, List<(int, int)>[] targets) =>
        new MaskedTokenLoss((MaskedLanguageModelHead)head, weight: 1).Compute(new EncodedBatch(PoolingMode.Mean)
        {
            Texts = masked,
            AnchorCount = masked.Length,
            Targets = targets,
            Stretches = EncodedStretch.Encode(encoder, masked, allHiddenStates: false),
        }).item<float>();
}
