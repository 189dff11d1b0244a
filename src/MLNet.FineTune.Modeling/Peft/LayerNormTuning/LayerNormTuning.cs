using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Trains gains and biases of the encoder's LayerNorms only, all or those with the largest Fisher information
/// (ValizadehAslani and Liang 2024, "LayerNorm: A key component in parameter-efficient fine-tuning", arXiv 2403.20284).
/// </summary>
[PeftMethodName("layer-norm")]
public sealed record LayerNormTuning : PeftMethod
{
    /// <summary>The share of the gain and bias vectors that train. Below 1 those with the largest Fisher information are found before training, which takes a training more.</summary>
    /// <value>1: all, without looking for them. Above 0, up to 1. Has no effect when <see cref="Subset"/> is set.</value>
    [Range(0.1f, 1f, init: 1f)]
    public float Share { get; set; } = 1;

    /// <summary>Rows whose gradients estimate the Fisher information.</summary>
    /// <value>256; at least 1.</value>
    public int FisherRows { get; set; } = 256;

    /// <summary>Names of the vectors that train, <c>encoder.layers.0.attention_norm.weight</c> and the like; what <see cref="Share"/> finds is put here.</summary>
    /// <value>Null: <see cref="Share"/> decides.</value>
    public string[]? Subset { get; set; }

    internal override double DefaultLearningRate => 1e-3;

    internal override bool NeedsPreparation => Subset is null && Share < 1;

    internal override void Validate()
    {
        if (!(Share > 0 && Share <= 1))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(LayerNormTuning)}.{nameof(Share)} is {Share}; expected above 0, up to 1."));
        if (FisherRows < 1)
            throw new ArgumentException($"{nameof(LayerNormTuning)}.{nameof(FisherRows)} is {FisherRows}; expected at least 1.");
        if (Subset is { Length: 0 })
            throw new ArgumentException($"{nameof(LayerNormTuning)}.{nameof(Subset)} is empty; expected one name at least, or null.");
    }

    internal override void Apply(PeftContext context)
    {
        if (NeedsPreparation)
            throw new ArgumentException(FormattableString.Invariant($"{nameof(LayerNormTuning)}.{nameof(Share)} is {Share}, which says how many and not which: what trains is found on training rows, or given as {nameof(Subset)}."));
        string[] norms = [.. context.Model.named_parameters().Select(p => p.name).Where(ParameterNames.IsNorm)];
        if (Subset?.FirstOrDefault(name => !norms.Contains(name)) is { } unknown)
            throw new ArgumentException($"{nameof(LayerNormTuning)}.{nameof(Subset)} has '{unknown}'; the model's are {string.Join(", ", norms.Take(4))} and so on.");
        context.Train((Subset ?? norms).Contains);
    }

    internal override PeftMethod Prepare(PeftPreparation preparation)
    {
        string[] subset = [];
        preparation.Try(this with { Share = 1 }, look: adapter => subset = Largest(FisherInformation.Estimate(preparation, adapter, FisherRows)));
        preparation.Inform($"LayerNorm vectors with the largest Fisher information: {string.Join(", ", subset)}.");
        return this with { Subset = subset };
    }

    /// <summary>Names of the vectors whose numbers have the largest information on average, in the model's order.</summary>
    private string[] Largest(IReadOnlyList<(string Name, double Information)> vectors)
    {
        int count = Math.Max(1, (int)Math.Round(Share * vectors.Count));
        HashSet<string> chosen = [.. vectors.OrderByDescending(vector => vector.Information).Take(count).Select(vector => vector.Name)];
        return [.. vectors.Select(vector => vector.Name).Where(chosen.Contains)];
    }
}
