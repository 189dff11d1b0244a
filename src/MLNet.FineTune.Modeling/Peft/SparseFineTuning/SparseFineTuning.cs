using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>
/// Lottery-ticket sparse fine-tuning: a first training finds the weights of the layers' projections that move farthest; back at
/// their pretrained values, a second trains only those. What is learnt is a sparse difference that is added to the base weights, so
/// that several (of a task, of a language) add up (Ansell et al. 2021, "Composable Sparse Fine-Tuning for Cross-Lingual
/// Transfer", arXiv 2110.07560).
/// </summary>
[PeftMethodName("sparse")]
public sealed record SparseFineTuning : PeftMethod
{
    /// <summary>The share of the weights and biases of the layers' projections that trains.</summary>
    /// <value>0.08; above 0, up to 1.</value>
    [Range(0.001f, 0.3f, init: 0.08f, logBase: true)]
    public float Density { get; set; } = 0.08f;

    /// <summary>How the weights are chosen.</summary>
    /// <value><see cref="SparseMask.LotteryTicket"/>.</value>
    public SparseMask Mask { get; set; } = SparseMask.LotteryTicket;

    /// <summary>λ: λ/N times the sum of the absolute differences from the pretrained values joins the loss of both trainings, N being the number of weights that a mask chooses from.</summary>
    /// <value>0, as the paper has for tasks; it takes 0.1 for languages. 0 or more.</value>
    public double L1 { get; set; }

    /// <summary>Epochs of the first training.</summary>
    /// <value>Null: it is as long as the second. At least 1.</value>
    public int? MaskEpochs { get; set; }

    /// <summary>How many weights train at each projection, in the ordinal order of their names; what is found is put here, the places go into the adapter.</summary>
    /// <value>Null: they are found before training.</value>
    public int[]? Counts { get; set; }

    /// <summary>Places of the weights at each projection, ascending; null where they are loaded.</summary>
    internal int[][]? Positions { get; init; }

    internal override bool NeedsPreparation => Counts is null;

    internal override double DefaultLearningRateFor(EncoderConfig encoder) => new FullFineTuning().DefaultLearningRateFor(encoder);

    internal override void Validate()
    {
        if (!(Density > 0 && Density <= 1))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(SparseFineTuning)}.{nameof(Density)} is {Density}; expected above 0, up to 1."));
        if (!Enum.IsDefined(Mask))
            throw new ArgumentException($"{nameof(SparseFineTuning)}.{nameof(Mask)} is {Mask}; expected {string.Join(" or ", Enum.GetNames<SparseMask>())}.");
        if (!(L1 >= 0 && double.IsFinite(L1)))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(SparseFineTuning)}.{nameof(L1)} is {L1}; expected a finite number of 0 or more."));
        if (MaskEpochs < 1)
            throw new ArgumentException($"{nameof(SparseFineTuning)}.{nameof(MaskEpochs)} is {MaskEpochs}; expected null or at least 1.");
        if (Counts is not null && (Counts.Any(count => count < 0) || Counts.All(count => count == 0)))
            throw new ArgumentException($"{nameof(SparseFineTuning)}.{nameof(Counts)} is [{string.Join(", ", Counts)}]; expected numbers of 0 or more, one at least above 0.");
    }

    internal override void Apply(PeftContext context)
    {
        if (Counts is null && Mask == SparseMask.LotteryTicket)
            throw new ArgumentException($"{nameof(SparseFineTuning)}.{nameof(Mask)} is {Mask}, whose weights are found on training rows, or given as {nameof(Counts)}; choose {SparseMask.Random} for a mask without data.");
        IReadOnlyList<(string Path, AdaptableLinear Linear)> candidates = SparseSelection.Candidates(context.Model);
        int[] sizes = SparseSelection.Sizes(context.Model);
        if (Counts is not null && (Counts.Length != sizes.Length || Counts.Zip(sizes).Any(pair => pair.First > pair.Second)))
            throw new ArgumentException($"{nameof(SparseFineTuning)}.{nameof(Counts)} is [{string.Join(", ", Counts)}]; expected {sizes.Length} numbers, at most [{string.Join(", ", sizes)}].");
        int[][] positions = Positions ?? (Counts is null ? SparseSelection.Random(sizes, Density) : SparseSelection.First(Counts));
        for (int i = 0; i < sizes.Length; i++)
            if (positions[i].Length > 0)
                context.Place(candidates[i].Path, candidates[i].Linear, new SparseLinear(candidates[i].Linear, positions[i]));
    }

    internal override PeftMethod Prepare(PeftPreparation preparation)
    {
        int[][] positions = Mask == SparseMask.Random ? SparseSelection.Random(SparseSelection.Sizes(preparation.Model), Density) : LotteryTicket(preparation);
        preparation.Inform(FormattableString.Invariant($"Sparse fine-tuning trains {positions.Sum(p => p.Length)} weights of {positions.Count(p => p.Length > 0)} projections."));
        return this with { Counts = [.. positions.Select(p => p.Length)], Positions = positions };
    }

    private int[][] LotteryTicket(PeftPreparation preparation)
    {
        TrainingOptions options = preparation.Options.ForTrial();
        if (MaskEpochs is { } epochs)
            (options.Epochs, options.MaxSteps) = (epochs, null);
        int[][] positions = [];
        using var dense = new DenseDifference(preparation.Model, L1);
        preparation.Try(dense.Method, options, _ => positions = dense.Largest(Density), train: preparation.All);
        return positions;
    }

    internal override PeftTraining? CreateTraining(PeftAdapter adapter) => L1 == 0 ? null : new DifferencePenalty(
        L1 / SparseSelection.Sizes(adapter.Model).Sum(size => (long)size),
        () => adapter.Placed.Select(placed => placed.Module).OfType<SparseLinear>().Select(module => module.Values));
}
